"""Every sentence these rooms can say is there in Vietnamese, with the same places to fill in."""

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

from callcenter.config import ROOT


@pytest.mark.parametrize("room", ["api", "recordings"])
def test_every_sentence_has_its_translation_and_none_is_left_over(room: str) -> None:
    said = {
        message
        for _, _, message, _, _ in extract_from_dir(
            ROOT / "callcenter" / room, [("**.py", "python")], keywords={"N_": None}
        )
    }
    with Path(ROOT / "web" / "locale" / "vi" / f"{room}.po").open("rb") as file:
        catalogue = {message.id: message.string for message in read_po(file) if message.id}

    assert said == set(catalogue)
    for sentence, translation in catalogue.items():
        assert translation
        assert set(re.findall(r"{\w+}", sentence)) == set(re.findall(r"{\w+}", translation))
