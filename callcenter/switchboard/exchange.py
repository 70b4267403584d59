"""Our own exchange, as far as the switchboard tells it what to do."""

import asyncio
import logging
from collections.abc import Callable, Mapping, Sequence

from callcenter.asterisk import reload
from callcenter.asterisk.moves import Moves
from callcenter.asterisk.process import Asterisk
from callcenter.errors import N_, CallcenterError, ExchangeUnavailable
from callcenter.switchboard.plan import Plan, Way

log = logging.getLogger(__name__)


class Switch:
    """`files(plan)`: what the exchange is told of a plan, name -> text; it raises Invalid.

    One change at a time: whoever makes one holds `lock`. `moves` is set once the link is there.
    """

    def __init__(self, asterisk: Asterisk, files: Callable[[Plan], dict[str, str]]) -> None:
        self.lock = asyncio.Lock()
        self.moves: Moves | None = None
        self._asterisk = asterisk
        self._files = files

    async def take(self, plan: Plan) -> None:
        """Do what the plan says from now on, with all calls that there are. Raises Invalid, and
        ExchangeUnavailable when it is not taken; then everything is as it was."""
        self._runs()
        files = await asyncio.to_thread(self._files, plan)
        await reload.take(self._asterisk, reload.marked(files))

    async def stranded(self, before: Plan, after: Plan) -> dict[str, list[str]]:
        """Who waits in queues that `after` has not any more: queue -> channels. Raises
        ExchangeUnavailable."""
        self._runs()
        gone = {each.name for each in before.queues} - {each.name for each in after.queues}
        found = {name: await reload.waiting(self._asterisk, name) for name in sorted(gone)}
        return {name: channels for name, channels in found.items() if channels}

    def _runs(self) -> None:
        """Raises ExchangeUnavailable while it is down: it starts again by itself, and soon."""
        if self._asterisk.pid is None:
            raise ExchangeUnavailable(N_("The exchange does not answer. Please try again soon."))

    async def lead_on(
        self, stranded: Mapping[str, Sequence[str]], instead: Mapping[str, Way]
    ) -> None:
        """Let those go on who waited in a queue that is gone: where its calls go instead."""
        for queue, channels in stranded.items():
            for channel in channels:
                try:
                    if self.moves:
                        way = instead[queue]
                        await self.moves.go_on(channel, way.kind.value, way.name)
                except CallcenterError as error:  # hung up or answered meanwhile
                    log.info("%s, who waited in %s, does not go on: %s", channel, queue, error)
