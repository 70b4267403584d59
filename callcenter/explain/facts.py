"""All that is known of one call."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from callcenter.calls.call import Step
from callcenter.calls.models import CallRecord
from callcenter.explain.models import CallHop
from callcenter.pages.journey import Names
from callcenter.recordings.models import Proof, Recording


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`who(user_id)` is a name; `seen(user_id)`: the reader may see what that person was doing."""

    record: CallRecord
    steps: Sequence[Step]
    hops: Sequence[CallHop]
    recording: Recording | None
    erased: Proof | None = None  # what is left of it
    names: Names
    user_of: Callable[[str], int | None]  # whose extension it was
    who: Callable[[int], str]
    seen: Callable[[int], bool]
