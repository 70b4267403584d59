"""The words of call_hops.kind, and what the other columns say with each.

route       whose customer calls: user_id; `what` "owner" (asked first) or why not (a Reason);
            `more`: JSON, ids of their team who are asked then
asked       a queue (`what`) offers the call: `more` is reasons.Asked as JSON
told        a page of user_id was sent the ringing call
no_page     the phone of user_id rings and no page of theirs is open
shown       a page of user_id says that it shows the call
permitted   user_id may call a number of the national do-not-call list: it rang (`what` "missed")
            or a "callback" is planned
filed       its row is written: `what` is the customer's id or ""
recorded    its recording can be played
filled      nobody here heard its end; it was learnt from the exchange's log
page        about user_id: `what` is how many pages are open now
phone       about user_id: `what` is "reachable" or "unreachable"
link        `what` "lost" or "back": the connection to the exchange
service     `what` "started" or "stopped"
lost        `what` so many hops were not written, since they came too fast
"""

from typing import Final

ROUTE, ASKED, TOLD, NO_PAGE, SHOWN = "route", "asked", "told", "no_page", "shown"
PERMITTED = "permitted"
FILED, RECORDED, FILLED = "filed", "recorded", "filled"
PAGE, PHONE, LINK, SERVICE, LOST = "page", "phone", "link", "service", "lost"
ALL: Final = (
    *(ROUTE, ASKED, TOLD, NO_PAGE, SHOWN, PERMITTED, FILED, RECORDED, FILLED),
    *(PAGE, PHONE, LINK, SERVICE, LOST),
)
EVERYBODYS: Final = (LINK, SERVICE, LOST)  # about no call and nobody
