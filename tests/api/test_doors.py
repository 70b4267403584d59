"""Who gets in and how: tokens, sessions, forgeries, garbage, health, and the description itself."""

import asyncio
import base64
import json
import re
from datetime import UTC, datetime, timedelta
from io import BytesIO
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select
from sqlalchemy.ext.asyncio import async_sessionmaker

from callcenter.api.table import table
from callcenter.api.tokens import make_token
from callcenter.calls.models import Outcome, OutcomeQueue
from callcenter.db import engine_for
from callcenter.errors import Invalid, Missing
from callcenter.keys import LINK, RECONCILER, SESSIONS
from callcenter.people.models import Token, User
from callcenter.people.session import COOKIE, open_session
from tests.api.house import House, a_call
from tests.draws import cases

# ------------------------------------------------------------------------------------ doors


async def test_nobody_gets_in_without_a_token_or_a_session(house: House) -> None:
    for entry in table.entries:
        path = re.sub(r"{\w+}", "1", entry.path)
        answer = await house.says(None, entry.method, path, 401)
        assert answer["error"] == "signed-out"


async def test_a_token_speaks_for_its_user_until_its_time_is_over(house: House) -> None:
    token = await make_token(house.sessions, "MARA", "nightly export", 30)
    headers = {"Authorization": f"Bearer {token}"}

    me = await (await house.client.get("/api/v1/me", headers=headers)).json()
    async with house.sessions() as session:
        row = (await session.scalars(select(Token).where(Token.name == "nightly export"))).one()
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        await session.commit()
    after = await house.client.get("/api/v1/me", headers=headers)

    assert (me["username"], me["role"], me["extension"]) == ("mara", "agent", "201")
    assert row.id != token and token not in (row.id, row.name)  # only its hash is kept
    assert after.status == 401


async def test_a_token_of_somebody_who_left_opens_nothing(house: House) -> None:
    await house.says("jon", "GET", "/me")
    async with house.sessions() as session:
        (await session.get_one(User, 4)).active = False
        await session.commit()

    await house.says("jon", "GET", "/me", 401)


@pytest.mark.parametrize(
    "header", ["Bearer x", "Bearer ", "bearer", "Basic bWFyYTptYXJh", "x" * 5000]
)
async def test_a_wrong_token_is_no_token(house: House, header: str) -> None:
    answer = await house.client.get("/api/v1/me", headers={"Authorization": header})

    assert answer.status == 401


@pytest.mark.parametrize(
    ("username", "name", "days", "error"),
    [
        ("nobody", "x", 1, Missing),
        ("mara", "", 1, Invalid),
        ("mara", "x" * 101, 1, Invalid),
        ("mara", "x", 0, Invalid),
        ("mara", "x", 10**9, Invalid),
    ],
)
async def test_a_token_that_makes_no_sense_is_not_made(
    house: House, username: str, name: str, days: int, error: type[Exception]
) -> None:
    with pytest.raises(error):
        await make_token(house.sessions, username, name, days)


async def test_a_session_needs_its_secret_to_change_something(house: House) -> None:
    async with house.sessions() as session:
        token = await open_session(session, await session.get_one(User, 3), "", "")
        await session.commit()
    cookies = {COOKIE: token}
    change = {"method": "PUT", "json": {"state": "offline"}, "cookies": cookies}

    seen = await house.raw(None, "GET", "/api/v1/me", cookies=cookies)
    forged = await house.raw(None, path="/api/v1/me/state", **change)
    from_elsewhere = await house.raw(
        "mara", path="/api/v1/me/state", headers={"Origin": "https://evil.example"}, **change
    )

    assert (seen.status, forged.status, from_elsewhere.status) == (200, 403, 403)


async def test_a_pages_phone_is_for_pages_and_described_as_it_is(house: House) -> None:
    async with house.sessions() as session:
        token = await open_session(session, await session.get_one(User, 3), "", "")
        await session.commit()

    phone = await house.says(None, "GET", "/me/phone", cookies={COOKIE: token})

    assert phone["extension"] == "201"
    await house.says("mara", "GET", "/me/phone", 403)


# ---------------------------------------------------------------------------------- garbage


@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"\xff\xfe", b"null", b'{"number": }', b"[" * 50_000, b'{"number": "\\ud800"}'],
)
async def test_what_is_no_json_is_refused_in_words(house: House, body: bytes) -> None:
    answer = await house.says("mara", "POST", "/calls", 400, data=body)

    assert answer["error"] == "invalid"
    assert "The body of the request" in answer["message"]


async def test_a_body_that_is_too_large_is_refused(house: House) -> None:
    for size in (2**20 + 1, 5 * 2**20):
        answer = await house.says("mara", "POST", "/calls", 413, data=BytesIO(b" " * size))
        assert answer["message"] == "That is too much data for one request."


async def test_what_is_not_there_is_not_there(house: House) -> None:
    for path in ("/api/v1/nothing", "/api/v1/calls/a%2Fb", "/api/v1/calls/" + "x" * 65):
        answer = await house.raw("mara", "GET", path)
        assert (answer.status, (await answer.json())["error"]) == (404, "not-found")
    assert (await house.raw("mara", "DELETE", "/api/v1/calls")).status == 405


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda children: (
        st.lists(children, max_size=4) | st.dictionaries(st.text(max_size=12), children, max_size=4)
    ),
    max_leaves=8,
)
FIELDS = sorted(
    {name for entry in table.entries if entry.body for name in entry.body.__struct_fields__}
)  # type: ignore[attr-defined]
PARAMETERS = ("from", "to", "direction", "result", "user_id", "customer_id", "queue", "number", "q",
              "with_recording", "limit", "cursor", "user_id", "department_id")  # fmt: skip
UNSAFE = [entry for entry in table.entries if entry.body]
ASKING = [entry for entry in table.entries if entry.query]


@pytest.mark.hypothesis
@pytest.mark.parametrize("entry", UNSAFE, ids=lambda entry: entry.name)
async def test_no_body_whatever_is_an_error_of_ours(house: House, entry: Any) -> None:
    await house.add(a_call("1"))
    path = re.sub(r"{\w+}", "1", entry.path)
    bodies: list[bytes] = []

    @settings(max_examples=cases(60), deadline=None)
    @given(
        st.dictionaries(st.sampled_from(FIELDS), JSON, max_size=6).map(lambda d: json.dumps(d))
        | JSON.map(json.dumps)
        | st.binary(max_size=50)
    )
    def gather(body: str | bytes) -> None:
        bodies.append(body.encode() if isinstance(body, str) else body)

    gather()
    for body in bodies:
        answer = await house.raw("mara", entry.method, f"/api/v1{path}", data=body)
        assert answer.status < 500, (body, await answer.text())
        assert answer.status < 400 or (await answer.json())["message"], body


@pytest.mark.hypothesis
@pytest.mark.parametrize("entry", ASKING, ids=lambda entry: entry.name)
async def test_no_question_whatever_is_an_error_of_ours(house: House, entry: Any) -> None:
    await house.add(a_call("1"))
    asked: list[dict[str, str]] = []
    odd = st.text(max_size=30) | st.integers().map(str) | st.dates().map(str)
    odd |= st.sampled_from(
        ["W2ZhbHNlLCIyMDI2LTExLTIwVDAzOjAwOjAwWiIsIjEiXQ", "W2ZhbHNlLDEsMV0", "WzFd"]
    )

    @settings(
        max_examples=cases(80),
        deadline=None,
        suppress_health_check=[HealthCheck.too_slow],
    )
    @given(st.dictionaries(st.sampled_from(PARAMETERS), odd, max_size=3))
    def gather(query: dict[str, str]) -> None:
        asked.append(query)

    gather()
    for query in asked:
        answer = await house.raw("mara", "GET", f"/api/v1{entry.path}", params=query)
        assert answer.status < 500, (query, await answer.text())


@pytest.mark.parametrize(
    "values",
    [
        [False, "2026-11-20T03:00:00Z", "a\0b"],
        [False, "0001-01-01T00:00:00+14:00", "a"],
        [False, "9999-12-31T23:59:59-14:00", "a"],
        [True, "2026-11-20T03:00:00Z", "\ud800"],
        [False, "name", 10**30],
        [False, "name", 2**63],
        [False, "na\0me", 1],
    ],
)
async def test_a_forged_cursor_is_no_error_of_ours(house: House, values: list[Any]) -> None:
    raw = json.dumps(values).encode()
    cursor = base64.urlsafe_b64encode(raw).decode().rstrip("=")
    for path in ("/api/v1/calls", "/api/v1/customers"):
        answer = await house.raw("admin", "GET", path, params={"cursor": cursor})
        assert answer.status in (200, 400), (path, values)


# ------------------------------------------------------------------------------ description


async def test_every_route_of_the_api_is_described_and_every_description_is_a_route(
    house: House,
) -> None:
    routes = {
        (route.method, re.sub(r":[^{}]*(?:{[^{}]*}[^{}]*)*}", "}", resource.canonical))
        for resource in house.app.router.resources()
        for route in resource
        if resource.canonical.startswith("/api/") and route.method != "HEAD"
    }
    described = {
        (method.upper(), f"/api/v1{path}")
        for path, operations in house.document.paths.items()
        for method in operations
    }

    assert routes - {("GET", "/api/v1/openapi.json")} == described


async def test_the_description_is_open_api_and_complete(house: House) -> None:
    document = house.document.all

    assert document["openapi"] == "3.1.0"
    assert set(document["components"]["securitySchemes"]) == {"token", "session"}
    names = [o["operationId"] for each in house.document.paths.values() for o in each.values()]
    assert len(names) == len(set(names))
    used = set(re.findall(r'"#/components/schemas/(\w+)"', json.dumps(document)))
    assert used <= set(document["components"]["schemas"])
    for path, operations in house.document.paths.items():
        for operation in operations.values():
            places = [p["name"] for p in operation.get("parameters", ()) if p["in"] == "path"]
            assert places == re.findall(r"{(\w+)}", path)
            assert "401" in operation["responses"]


async def test_the_description_needs_no_sign_in(house: House) -> None:
    assert (await house.client.get("/api/v1/openapi.json")).status == 200


async def test_parameters_are_described_as_they_are_read(house: House) -> None:
    parameters = {
        each["name"]: each["schema"]
        for each in house.document.operation("GET", "/calls")["parameters"]
    }

    assert parameters["limit"] == {"type": "integer", "minimum": 1, "maximum": 200, "default": 50}
    assert {"enum": ["inbound", "internal", "outbound"], "title": "Direction"} in [
        {**each, "enum": sorted(each["enum"])} if "enum" in each else each
        for each in parameters["direction"]["anyOf"]
    ]
    assert {"from", "to"} <= set(parameters)


# ----------------------------------------------------------------------------------- health


async def test_health_says_how_we_are_to_anybody(house: House) -> None:
    answer = await house.client.get("/health")

    assert answer.status == 200
    found = await answer.json()
    assert found.pop("disk_free_mb") > 0
    assert found == {
        "status": "ok",
        "exchange": True,
        "database": True,
        "recordings_waiting": 0,
        "recordings_unlinked": 0,
        "disk_days_left": None,
        "version": "0.1.0",
    }


async def test_health_asks_the_database_for_no_count(house: House) -> None:
    house.app[RECONCILER].unlinked = 3  # as found, a minute ago

    answer = await house.client.get("/health")

    assert (await answer.json())["recordings_unlinked"] == 3


async def test_health_without_an_exchange_is_degraded(house: House) -> None:
    await house.asterisk.stops()
    async with asyncio.timeout(5):
        while house.app[LINK].connected:
            await asyncio.sleep(0.01)

    answer = await house.client.get("/health")

    assert (answer.status, (await answer.json())["status"]) == (200, "degraded")


async def test_health_without_a_database_is_503(house: House) -> None:
    nowhere = engine_for("postgresql+asyncpg://nobody:x@127.0.0.1:1/nothing")
    house.app._state[SESSIONS] = async_sessionmaker(nowhere)  # the application is frozen by now

    answer = await house.client.get("/health")

    body = await answer.json()
    await nowhere.dispose()
    assert (answer.status, body["status"], body["database"]) == (503, "degraded", False)


# --------------------------------------------------------------------------------------- me


async def test_an_agents_own_state_is_told_and_changed(house: House) -> None:
    assert (await house.says("mara", "GET", "/me/state"))["state"] == "offline"

    ready = await house.says("mara", "PUT", "/me/state", json={"state": "ready"})
    assert (ready["state"], ready["queues"]) == ("ready", ["sales"])
    assert (await house.asterisk.was_asked("QueueAdd"))["Interface"] == "PJSIP/201"

    away = await house.says(
        "mara", "PUT", "/me/state", json={"state": "break", "reason": "Ăn trưa"}
    )
    assert (away["state"], away["reason"]) == ("break", "lunch")


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        ({"state": "break"}, 400, "A break needs a reason."),
        ({"state": "asleep"}, 400, "“state” cannot be “asleep”."),
        ({}, 400, "The field “state” is missing."),
        ({"state": None}, 400, "“state” has to be text."),
    ],
)
async def test_a_state_that_is_none_is_refused(
    house: House, body: dict[str, object], status: int, sentence: str
) -> None:
    answer = await house.says("mara", "PUT", "/me/state", status, json=body)

    assert answer["message"] == sentence


async def test_whoever_has_no_phone_cannot_be_ready(house: House) -> None:
    answer = await house.says("lead", "PUT", "/me/state", 409, json={"state": "ready"})
    assert "Your phone is not connected" in answer["message"]

    answer = await house.says("admin", "PUT", "/me/state", 409, json={"state": "ready"})
    assert answer["message"] == "You have no extension, so no call can reach you."


async def test_outcomes_come_in_their_order_in_both_languages(house: House) -> None:
    assert await house.says("mara", "GET", "/outcomes") == [
        an_outcome("later", "Gọi lại", "Call again"),
        an_outcome("sold", "Đã bán", "Sold"),
    ]


async def test_sub_outcomes_come_after_their_outcome_with_the_queues_that_offer_them(
    house: House,
) -> None:
    await house.add(
        Outcome(code="no", name_vi="Không", name_en="No", position=2, active=False),
        Outcome(code="paid", name_vi="Trả", name_en="Paid", position=9, parent_code="later"),
        OutcomeQueue(code="later", queue="sales"),
        OutcomeQueue(code="later", queue=""),
    )

    assert await house.says("mara", "GET", "/outcomes") == [
        an_outcome("later", "Gọi lại", "Call again", queues=["sales"], outgoing=True),
        an_outcome("paid", "Trả", "Paid", parent="later", queues=["sales"], outgoing=True),
        an_outcome("sold", "Đã bán", "Sold"),
        an_outcome("no", "Không", "No", active=False),
    ]


def an_outcome(code: str, name_vi: str, name_en: str, **more: Any) -> dict[str, Any]:
    plain = {"parent": None, "queues": [], "outgoing": False, "active": True}
    return {"code": code, "name_vi": name_vi, "name_en": name_en, **plain, **more}
