"""Which parts of a plan play which prompt. Pure."""

from collections.abc import Iterator
from dataclasses import dataclass

from callcenter.errors import N_
from callcenter.switchboard.plan import Plan


@dataclass(frozen=True, slots=True)
class Plays:
    """A part with that prompt: its field in the plan, its name there, what people call it; and what
    the prompt is there, a message id."""

    part: str
    name: str
    title: str
    what: str


def prompts_used(plan: Plan) -> dict[str, list[Plays]]:
    """By the prompt's name; also of prompts that are not there."""
    found: dict[str, list[Plays]] = {}
    for prompt, plays in _played(plan):
        if prompt:
            found.setdefault(prompt, []).append(plays)
    return found


def _played(plan: Plan) -> Iterator[tuple[str, Plays]]:
    for field, parts, what in (
        ("menus", plan.menus, N_("Menu")),
        ("messages", plan.messages, N_("Announcement")),
        ("voicemails", plan.voicemails, N_("Voicemail")),
    ):
        for part in parts:
            yield part.prompt, Plays(field, part.name, part.title, what)
    after_key = N_("Said after the key to be called back")
    for queue in plan.queues:
        yield queue.music, Plays("queues", queue.name, queue.title, N_("Music of the queue"))
        yield queue.callback_prompt, Plays("queues", queue.name, queue.title, after_key)
