"""Which parts of a plan play which prompt. Pure."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from callcenter.errors import N_
from callcenter.switchboard.editing import FIELDS
from callcenter.switchboard.plan import Menu, Message, Plan, Queue, Voicemail

PLAYED_AS: Final[Mapping[str, str]] = {  # field of a plan -> what its prompt is there
    "menus": N_("Menu"),
    "messages": N_("Announcement"),
    "voicemails": N_("Voicemail"),
    "queues": N_("Music of the queue"),
}


@dataclass(frozen=True, slots=True)
class Plays:
    """A part with that prompt: its field in the plan, its name there, what people call it."""

    part: str
    name: str
    title: str


def prompts_used(plan: Plan) -> dict[str, list[Plays]]:
    """By the prompt's name; also of prompts that are not there."""
    found: dict[str, list[Plays]] = {}
    for kind in (Menu, Message, Voicemail, Queue):
        field = FIELDS[kind]
        for part in getattr(plan, field):
            prompt = part.music if kind is Queue else part.prompt
            if prompt:
                found.setdefault(prompt, []).append(Plays(field, part.name, part.title))
    return found
