"""What goes over the wire about how a call was heard."""

from typing import Annotated

from msgspec import Meta

from callcenter.api.types import Wire

Share = Annotated[float, Meta(ge=0, le=1)]
Milliseconds = Annotated[float, Meta(ge=0, le=60_000)]


class Quality(Wire):
    """Averages of one person's part in a call; shares are 0 to 1, `deaf_s` is how long the customer
    could not hear them."""

    seconds: Annotated[float, Meta(ge=0, le=86_400)]
    loss: Share
    loss_out: Share
    jitter_ms: Milliseconds
    rtt_ms: Milliseconds
    mos: Annotated[float, Meta(ge=1, le=5)]
    mos_low: Annotated[float, Meta(ge=1, le=5)]
    deaf_s: Annotated[float, Meta(ge=0, le=86_400)]


class MeasuredPart(Quality):
    """What one page has measured. A call that goes on in another page has several parts, told apart
    by any name; one that is told again is replaced."""

    part: Annotated[str, Meta(pattern=r"^[A-Za-z0-9-]{0,36}$")] = ""
