"""Files that an exchange of ours does not take: the former ones stay, also for its next start."""

import pytest

from callcenter.asterisk import reload
from callcenter.errors import ExchangeUnavailable

FORMER, NEW = (
    reload.marked({"extensions.conf": text, "queues.conf": "", "manager.conf": ""})
    for text in ("[old]\n", "[new]\n")
)


class Silent:
    """An exchange that says nothing, with its files."""

    def __init__(self, folder):
        self.files, self.etc, self.log = FORMER, folder, folder / "messages.log"
        self.asked = []
        reload._write(folder, FORMER)

    async def cli(self, command):
        self.asked.append(command)
        return ""

    def has(self):
        return {path.name: path.read_text() for path in self.etc.iterdir() if path.is_file()}


class Down(Silent):
    """An exchange that does not run."""

    async def cli(self, command):
        raise ExchangeUnavailable("exchange does not run.")


async def test_what_has_not_changed_is_not_read_again(tmp_path):
    exchange = Silent(tmp_path)

    await reload.take(exchange, FORMER)

    assert exchange.asked == []


async def test_an_exchange_that_does_not_show_the_new_files_has_its_former_ones_again(tmp_path):
    exchange = Silent(tmp_path)

    with pytest.raises(ExchangeUnavailable, match="has not taken the change"):
        await reload.take(exchange, NEW)

    assert (exchange.files, exchange.has()) == (FORMER, FORMER)


async def test_while_it_does_not_run_nothing_is_taken(tmp_path):
    exchange = Down(tmp_path)

    with pytest.raises(ExchangeUnavailable, match="does not run"):
        await reload.take(exchange, NEW)

    assert (exchange.files, exchange.has()) == (FORMER, FORMER)


async def test_what_cannot_be_written_is_not_taken(tmp_path):
    exchange = Silent(tmp_path)
    (tmp_path / "extensions.conf.new").mkdir()  # as good as a disk that is full

    with pytest.raises(ExchangeUnavailable, match="files cannot be written"):
        await reload.take(exchange, NEW)

    assert (exchange.files, exchange.has()) == (FORMER, FORMER)
