"""Every address as every role, made from the matrix: whoever forgets a check fails here.

A route with a place in it that has no row of somebody else's below fails as well.
"""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from callcenter.activities.models import Activity
from callcenter.assignment.models import Batch
from callcenter.callbacks.models import Callback
from callcenter.calls.models import CallRecord, Outcome
from callcenter.catalogues.models import CatalogueItem
from callcenter.customers.models import Contact, Customer, CustomerShare
from callcenter.documents.models import Document
from callcenter.imports.models import Import, ImportRow
from callcenter.jobs.models import Job
from callcenter.keys import DIRECTORY, INBOX
from callcenter.live.models import TeamMessage, TeamMessageReader, Wallboard
from callcenter.people.models import GroupPermission, PermissionGroup, Role, UserGroup
from callcenter.people.permissions import Door, Permission, Reach, needed_by, rights_of
from callcenter.recordings.models import RecordingNote
from callcenter.report_files.models import ReportView
from callcenter.report_mail.models import ReportLetter, ReportMail
from tests.pages.site import CAST, IDS
from tests.people.whole import Whole, whole

ROLES = {"root": Role.SUPERADMIN, "lea": Role.TEAM_LEAD, "mara": Role.AGENT}
# Not for programs: an open page, its phone.
FOR_PAGES = {"/events", "/phone", "/api/v1/me/phone"}
NOBODYS = {
    "call_id": "no-such-call",
    "language": "vi",
    "path": "css/base.css",
    "field": "email",
    "queue_name": "no-such-queue",
    "kind": "wait",
    "part_kind": "menus",
    "holiday": "0" * 16,
}
NOW = datetime(2026, 11, 20, 3, 0, tzinfo=UTC)


def address(route, rows: dict[str, object]) -> str:
    """The route's path, its places filled with ids of `rows`, or with one that nobody has."""
    info = route.resource.get_info()
    pattern = info.get("formatter") or info["path"]
    return re.sub(
        r"{(\w+)}", lambda place: str(rows.get(place[1], NOBODYS.get(place[1], 999_999))), pattern
    )


def places(route) -> set[str]:
    return set(re.findall(r"{(\w+)}", address_pattern(route)))


def address_pattern(route) -> str:
    info = route.resource.get_info()
    return info.get("formatter") or info["path"]


async def kims_customer(house: Whole, code: str = "KH-KIM") -> dict[str, object]:
    async with house.sessions() as session:
        customer = Customer(
            code=code,
            name="Kim's",
            search_key="kim's",
            owner_id=IDS["kim"],
            department_id=CAST["kim"][2],
            created_at=NOW,
            updated_at=NOW,
        )
        session.add(customer)
        await session.commit()
        return {"customer_id": customer.id}


async def kims_call(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        session.add(
            CallRecord(
                call_id="kims",
                exchange="",
                direction="inbound",
                state="ended",
                user_id=IDS["kim"],
                department_id=CAST["kim"][2],
                agents="204",
                rung="204",
                started_at=NOW,
                ended_at=NOW,
                result="answered",
            )
        )
        await session.commit()
    return {"call_id": "kims"}


async def kims_note(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        note = RecordingNote(call_id="kims", user_id=IDS["kim"], at_s=1, text="x", created_at=NOW)
        session.add(note)
        await session.commit()
        return {"note_id": note.id}


async def roots_batch(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        batch = Batch(kind="given", user_id=IDS["root"], at=NOW)
        session.add(batch)
        await session.commit()
        return {"batch_id": batch.id}


async def kims_job(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        job = Job(kind="x", user_id=IDS["kim"], title={"text": "Kim's"}, created_at=NOW)
        session.add(job)
        await session.commit()
        return {"job_id": job.id}


async def kims_activity(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        kind = CatalogueItem(catalogue="activity_type", name="Visit")
        session.add(kind)
        await session.flush()
        activity = Activity(
            customer_id=await session.scalar(select(Customer.id).where(Customer.code == "KH-KIM")),
            type_id=kind.id,
            name="Kim's",
            user_id=IDS["kim"],
            at=NOW,
            created_at=NOW,
        )
        session.add(activity)
        await session.commit()
        return {"activity_id": activity.id}


async def kims_document(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        document = Document(
            customer_id=await session.scalar(select(Customer.id).where(Customer.code == "KH-KIM")),
            name="Kim's.pdf",
            media_type="application/pdf",
            size=1,
            sha256="",
            path="ab/cd",
            user_id=IDS["kim"],
            created_at=NOW,
        )
        session.add(document)
        await session.commit()
        return {"document_id": document.id}


async def kim(house: Whole) -> dict[str, object]:
    return {"user_id": IDS["kim"]}


async def care(house: Whole) -> dict[str, object]:
    return {"department_id": CAST["kim"][2]}


async def kims_message(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        message = TeamMessage(at=NOW, user_id=IDS["root"], text="To Kim", to_all=False)
        session.add(message)
        await session.flush()
        session.add(TeamMessageReader(message_id=message.id, user_id=IDS["kim"]))
        await session.commit()
        return {"message_id": message.id}


async def cares_wall(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        wall = Wallboard(
            token="x",
            name="Care",
            department_id=CAST["kim"][2],
            language="vi",
            theme="dark",
            created_by=IDS["root"],
            created_at=NOW,
        )
        session.add(wall)
        await session.commit()
        return {"wall_id": wall.id}


async def kims_view(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        view = ReportView(user_id=IDS["kim"], name="Kim's", report="calls", asked="", used_at=NOW)
        session.add(view)
        await session.commit()
        return {"view_id": view.id}


async def kims_mail(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        mail = ReportMail(
            **{"user_id": IDS["kim"], "view_id": 1, "every": "day", "minute": 450},
            **{"format": "csv", "language": "vi", "created_at": NOW},
        )
        session.add(mail)
        await session.flush()
        letter = ReportLetter(mail_id=mail.id, due_at=NOW, stage="over", created_at=NOW)
        session.add(letter)
        await session.commit()
        return {"mail_id": mail.id, "letter_id": letter.id}


async def her_queue(house: Whole) -> dict[str, object]:
    return {"queue_name": "care", "kind": "nobody"}


async def her_group(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        session.add(PermissionGroup(id=1, name="Kim's"))
        await session.flush()
        session.add(UserGroup(user_id=IDS["kim"], group_id=1))
        await session.commit()
    return {"group_id": 1}


async def an_outcome(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        session.add(Outcome(code="sold", name_vi="Bán", name_en="Sold", position=1))
        await session.commit()
    return {"outcome": "sold"}


async def kims_contact(house: Whole) -> dict[str, object]:
    of = await kims_customer(house, "KH-KIM-2")
    async with house.sessions() as session:
        contact = Contact(**of, name="Her", search_key="her", created_at=NOW)
        share = CustomerShare(**of, user_id=IDS["kim"], by_user_id=IDS["root"], at=NOW)
        session.add_all([contact, share])
        await session.commit()
        return {"contact_id": contact.id, "share_id": share.id}


async def kims_import(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        made = Import(
            user_id=IDS["kim"],
            file_name="kim.csv",
            size=1,
            sha256="",
            headings_key="",
            sheet={"rows": 1, "texts": []},
            has_headings=True,
            created_at=NOW,
        )
        session.add(made)
        await session.flush()
        row = ImportRow(
            import_id=made.id, number=2, flags=4, texts=[], reasons=[], state="open", at=NOW
        )
        session.add(row)
        await session.commit()
        return {"import_id": made.id, "row_id": row.id}


async def kims_callback(house: Whole) -> dict[str, object]:
    async with house.sessions() as session:
        callback = Callback(
            number="0912345678",
            number_key="+84912345678",
            at=NOW,
            remind_at=NOW,
            user_id=IDS["kim"],
            department_id=CAST["kim"][2],
            created_by=IDS["kim"],
            created_at=NOW,
        )
        session.add(callback)
        await session.commit()
        return {"callback_id": callback.id}


async def kims_missed(house: Whole) -> dict[str, object]:
    """Somebody who rang Kim's queue, in the inbox as it is at a start."""
    async with house.sessions() as session:
        started_at = datetime.now(UTC) - timedelta(hours=1)
        session.add(
            CallRecord(
                call_id="missed",
                direction="inbound",
                state="ended",
                number="0987654321",
                number_key="+84987654321",
                queue="care",
                department_id=CAST["kim"][2],
                started_at=started_at,
                ended_at=started_at,
                result="abandoned",
            )
        )
        await session.commit()
    await house.app[INBOX].load()
    return {"number_key": "+84987654321"}


# How a row of Kim's, in another department than everybody else's, comes about; by place.
ROWS: dict[str, Callable[[Whole], Awaitable[dict[str, object]]]] = {
    "customer_id": kims_customer,
    "contact_id": kims_contact,
    "batch_id": roots_batch,
    "call_id": kims_call,
    "note_id": kims_note,
    "callback_id": kims_callback,
    "number_key": kims_missed,
    "document_id": kims_document,
    "user_id": kim,
    "department_id": care,
    "group_id": her_group,
    "outcome": an_outcome,
    "activity_id": kims_activity,
    "job_id": kims_job,
    "import_id": kims_import,
    "row_id": kims_import,
    "queue_name": her_queue,
    "message_id": kims_message,
    "wall_id": cares_wall,
    "view_id": kims_view,
    "mail_id": kims_mail,
    "letter_id": kims_mail,
}
# What an address must be sent before it looks for the row.
BODIES = {
    "/api/v1/customers/{customer_id}": {"json": {"version": 1}},
    "/api/v1/calls/{call_id}/note": {"json": {"note": "Not hers"}},
    "/api/v1/calls/{call_id}/transfer": {"json": {"kind": "number", "to": "0912345678"}},
    "/api/v1/calls/{call_id}/consult": {"json": {"kind": "number", "to": "0912345678"}},
    "/api/v1/calls/{call_id}/recording": {"json": {"paused": True}},
    "/api/v1/calls/{call_id}/listen": {"json": {"way": "listen"}},
    "/api/v1/callbacks/{callback_id}": {"json": {"state": "done"}},
    "/api/v1/recordings/{call_id}/notes": {"json": {"at_s": 1, "text": "Not hers"}},
    "/api/v1/recordings/{call_id}/notes/{note_id}": {"json": {"text": "Not hers"}},
    "/api/v1/recordings/{call_id}/heard": {"json": {"seconds": 1}},
    "/api/v1/customers/{customer_id}/numbers": {"json": {"number": "0912345678"}},
    "/api/v1/calls/{call_id}/quality": {
        "json": {
            **{"seconds": 9, "loss": 0, "loss_out": 0, "jitter_ms": 2, "rtt_ms": 9},
            **{"mos": 4.4, "mos_low": 4.1, "deaf_s": 0},
        }
    },
    "/api/v1/customers/{customer_id}/activities": {"json": {"name": "Not hers", "type_id": 1}},
}
# Places that name no row of anybody's.
OPEN = {
    *("code", "language", "path", "item_id", "place_id", "field"),
    *("did", "part", "part_kind", "holiday", "version_id"),  # the whole company's switchboard
    "prompt",
    *("listed", "prefix", "list_job", "report"),
}


async def test_every_address_is_closed_to_whoever_may_not(tmp_path, monkeypatch, password_hash):
    async with whole(tmp_path, monkeypatch, password_hash, ROLES) as house:
        wrong = []
        for route in house.routes():
            needed, path = needed_by(route.handler), address(route, {})
            if needed is not Door.ANYONE:
                status = await house.ask(None, route.method, path)
                wrong += [(status, "nobody", route.method, path)] if status != 401 else []
            if not isinstance(needed, Permission):
                continue
            for who, role in ROLES.items():
                status = await house.ask(who, route.method, path)
                may = rights_of(role).may(needed)
                if (status == 403) is may or status >= 500:
                    wrong.append((status, who, route.method, path))

    assert wrong == []


async def test_what_is_open_to_everybody_who_signed_in_fails_for_none_of_them(
    tmp_path, monkeypatch, password_hash
):
    async with whole(tmp_path, monkeypatch, password_hash, ROLES) as house:
        wrong = [
            (status, who, route.method, path)
            for route in house.routes()
            if needed_by(route.handler) is Door.SIGNED_IN
            and (path := address(route, {})) not in FOR_PAGES
            for who in ROLES
            if (status := await house.ask(who, route.method, path)) in (401, 403)
            or (status >= 500 and status != 503)  # there is no exchange here
        ]

    assert wrong == []


async def test_a_row_of_another_department_is_not_there(tmp_path, monkeypatch, password_hash):
    async with whole(tmp_path, monkeypatch, password_hash, ROLES) as house:
        rows = {}
        for make in ROWS.values():
            rows |= await make(house)
        wrong = []
        for route in house.routes():
            needed = needed_by(route.handler)
            if not places(route) - OPEN or needed is Door.ANYONE:
                continue
            assert places(route) <= rows.keys() | OPEN, f"a row for {route} in ROWS, please"
            for who in ("lea", "mara"):
                reach = _reach(ROLES[who], needed)
                if reach not in (Reach.OWN, Reach.DEPARTMENT):
                    continue
                sent = BODIES.get(address_pattern(route), {})
                status = await house.ask(who, route.method, address(route, rows), **sent)
                if status != 404:
                    wrong.append((status, who, route.method, address_pattern(route)))

    assert wrong == []


def _reach(role: Role, needed) -> Reach:
    return Reach.OWN if needed is Door.SIGNED_IN else rights_of(role).reach(needed)


async def test_a_group_opens_what_it_gives_and_nothing_else(tmp_path, monkeypatch, password_hash):
    async with whole(tmp_path, monkeypatch, password_hash, ROLES) as house:
        async with house.sessions() as session:
            session.add(PermissionGroup(id=1, name="Reporters"))
            await session.flush()
            session.add(GroupPermission(group_id=1, permission=Permission.EXPORT, reach=Reach.ALL))
            session.add(UserGroup(user_id=IDS["mara"], group_id=1))
            await session.commit()
        await house.app[DIRECTORY].load(house.sessions)
        rights, wrong = house.app[DIRECTORY].rights_of(_mara(house)), []
        for route in house.routes():
            needed, path = needed_by(route.handler), address(route, {})
            if isinstance(needed, Permission):
                status = await house.ask("mara", route.method, path)
                wrong += [(status, path)] if (status == 403) is rights.may(needed) else []

    assert rights.may(Permission.EXPORT)
    assert wrong == []


def _mara(house: Whole):
    return house.app[DIRECTORY].person(IDS["mara"])
