"""Legal hold of a call's recording, or of all of a customer's: who, why, until when."""

from datetime import UTC, datetime, time, timedelta

from aiohttp import web
from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from callcenter.archive import queries
from callcenter.calls.models import CallRecord
from callcenter.calls.queries import one_call
from callcenter.customers.models import Customer
from callcenter.customers.numbers import shown
from callcenter.errors import N_, CallcenterError, Conflict, Invalid, Missing
from callcenter.keys import CONFIG, DIRECTORY, SESSIONS, TEMPLATES
from callcenter.pages import period
from callcenter.pages.templates import render, see_other
from callcenter.people.permissions import Permission, needs
from callcenter.people.session import signed_in
from callcenter.recordings import holds
from callcenter.recordings.models import Hold
from callcenter.recordings.spool import checked
from callcenter.settings.sections import chapters_for

routes = web.RouteTableDef()

CALL = "/recordings/{call_id}/hold"
CUSTOMER = r"/customers/{customer_id:\d{1,9}}/hold"
MOST = 200  # of a page


@routes.get(CALL)
@routes.get(CUSTOMER)
@needs(Permission.HOLD)
async def holding(request: web.Request) -> web.StreamResponse:
    """What holds it, and the form of one more."""
    return await _page(request, {"reason": "", "until": ""})


@routes.get("/settings/holds")
@needs(Permission.HOLD)
async def all_holds(request: web.Request) -> web.StreamResponse:
    """Those one may see, the newest first: that count, or with ?state=over the others."""
    who, over = signed_in(request), request.query.get("state") == "over"
    async with request.app[SESSIONS]() as session:
        found = await queries.holds(session, who.scope, datetime.now(UTC), MOST, over=over)
    return render(
        request,
        "archive/holds.html",
        chapters=chapters_for(who.rights),
        lines=[
            (*each, _name(request, each[0].user_id), _last(each[0]), _lifter(request, each[0]))
            for each in found
        ],
        most=MOST,
        over=over,
    )


@routes.post("/settings/holds/lift")
@needs(Permission.HOLD)
async def lift(request: web.Request) -> web.StreamResponse:
    """hold=its id: any that one may see here, also of a customer who is there no more."""
    who, hold_id = signed_in(request), await _wanted(request)
    async with request.app[SESSIONS].begin() as session:
        if not await queries.holds(session, who.scope, datetime.now(UTC), 1, hold_id):
            raise Missing(N_("This hold is lifted already."))
        await holds.lift(session, who.user.id, hold_id)
    return see_other("/settings/holds", done="recording-released")


@routes.post(CALL)
@routes.post(CUSTOMER)
@needs(Permission.HOLD)
async def hold(request: web.Request) -> web.StreamResponse:
    who, given = signed_in(request), await request.post()
    texts = {name: str(given.get(name, ""))[:1000] for name in ("reason", "until")}
    async with request.app[SESSIONS].begin() as session:
        record, customer = await _about(request, session)
        try:
            await holds.set_hold(
                session,
                who.user.id,
                texts["reason"],
                _until(request, texts["until"]),
                call_id=record.call_id if record else None,
                customer_id=customer.id if customer else None,
            )
        except (Invalid, Conflict) as problem:
            return await _page(request, texts, problem)
    return see_other(request.path, done="recording-held")


@routes.post(CALL + "/lift")
@routes.post(CUSTOMER + "/lift")
@needs(Permission.HOLD)
async def lift_here(request: web.Request) -> web.StreamResponse:
    """hold=its id: one of this call or this customer, and of no other."""
    who, hold_id = signed_in(request), await _wanted(request)
    async with request.app[SESSIONS].begin() as session:
        record, customer = await _about(request, session)
        if customer:
            found = await holds.of_customer(session, customer.id)
        else:
            assert record
            found = [e for e in await holds.of_call(session, record) if e.call_id is not None]
        if hold_id not in {each.id for each in found}:
            raise Missing(N_("This hold is lifted already."))
        await holds.lift(session, who.user.id, hold_id)
    return see_other(request.path.removesuffix("/lift"), done="recording-released")


async def _wanted(request: web.Request) -> int:
    text = str((await request.post()).get("hold", ""))
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else 0


async def _about(
    request: web.Request, session: AsyncSession
) -> tuple[CallRecord | None, Customer | None]:
    """The call or the customer of the address, or who took their place, if one may hold them.
    Raises Missing."""
    scope = signed_in(request).scope
    if "call_id" in request.match_info:
        call_id = checked(request.match_info["call_id"])
        return await one_call(session, scope.one_call, call_id), None
    wanted = int(request.match_info["customer_id"])
    merged = aliased(Customer)
    place = select(merged.merged_into).where(merged.id == wanted).scalar_subquery()
    asked = select(Customer).where(or_(Customer.id == wanted, Customer.id == place))
    for narrowed in (scope.each_customer(asked), scope.binned(asked)):
        found: Customer | None = await session.scalar(narrowed)
        if found is not None:
            return None, found
    raise Missing(N_("There is no such customer."))


async def _page(
    request: web.Request, texts: dict[str, str], problem: CallcenterError | None = None
) -> web.Response:
    async with request.app[SESSIONS]() as session:
        record, customer = await _about(request, session)
        if record:
            found, back = await holds.of_call(session, record), f"/calls/{record.call_id}"
            title = shown(record.number) if record.number else ""
        else:
            assert customer
            found, back = await holds.of_customer(session, customer.id), f"/customers/{customer.id}"
            title = customer.name
    field = getattr(problem, "field", None) or ("reason" if problem else "")
    return render(
        request,
        "archive/hold.html",
        status=problem.status if problem else 200,
        here=request.path,
        back=back,
        record=record,
        title=title,
        texts=texts,
        problems={field: problem} if problem else {},
        longest=holds.LONGEST_REASON,
        found=[
            (
                each,
                _name(request, each.user_id),
                _last(each),
                record is None or each.call_id is not None,
            )
            for each in found
        ],
    )


def _until(request: web.Request, text: str) -> datetime | None:
    """The end of that day in the company. Raises Invalid for what is no day."""
    day = period.day(text, "until", request.app[TEMPLATES].formats.today())
    if day is None:
        return None
    zone = request.app[CONFIG].zone
    return datetime.combine(day + timedelta(days=1), time(), zone).astimezone(UTC)


def _last(hold: Hold) -> datetime | None:
    """Within the last day of a hold that ends."""
    return hold.until - timedelta(seconds=1) if hold.until else None


def _lifter(request: web.Request, hold: Hold) -> str:
    return _name(request, hold.lifted_by) if hold.lifted_by else ""


def _name(request: web.Request, user_id: int) -> str:
    person = request.app[DIRECTORY].known(user_id)
    return person.name if person else ""
