"""Signing in and out: who may, how often, and for how long."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import func, select, update

from callcenter.people.models import Session, SignInAttempt, Token, User
from callcenter.people.session import COOKIE, digest
from callcenter.people.views import TRIES, local_path
from tests.pages.site import IDS


async def test_who_knows_the_password_comes_in(site):
    visitor = await site.visitor()

    answer = await visitor.signs_in("mara")

    assert (answer.status, answer.headers["Location"]) == (303, "/")
    assert "Nguyễn Mara" in (await visitor.get("/")).text


async def test_the_cookie_is_for_this_site_alone_and_no_script_reads_it(site):
    visitor = await site.visitor()

    cookie = (await visitor.signs_in("mara")).headers["Set-Cookie"]

    assert cookie.startswith(f"{COOKIE}=")
    assert "HttpOnly" in cookie and "SameSite=Lax" in cookie


async def test_the_token_itself_is_not_kept(site):
    visitor = await site.visitor()
    cookie = (await visitor.signs_in("mara")).headers["Set-Cookie"]
    token = cookie.split("=", 1)[1].split(";")[0]

    async with site.sessions() as session:
        kept = (await session.scalars(select(Session.id))).all()

    assert token not in kept and digest(token) in kept
    assert len(token) >= 43  # 256 bits


async def test_a_wrong_password_is_told_with_the_attempts_that_are_left(site):
    visitor = await site.visitor()

    answer = await visitor.signs_in("mara", "wrong")

    assert answer.status == 401
    assert "Còn 4 lần thử" in answer.text
    assert 'value="mara"' in answer.text


async def test_somebody_unknown_is_told_the_same_as_somebody_with_a_wrong_password(site):
    visitor = await site.visitor()

    unknown, known = await visitor.signs_in("nobody", "x"), await visitor.signs_in("mara", "x")

    assert unknown.status == known.status == 401
    assert unknown.text.replace("nobody", "mara") == known.text


async def test_too_many_failed_attempts_are_stopped_and_told_how_long(site):
    visitor = await site.visitor()
    for _ in range(TRIES):
        assert (await visitor.signs_in("mara", "wrong")).status == 401

    answer = await visitor.signs_in("mara")

    assert answer.status == 429
    assert "Hãy đợi 15 phút" in answer.text


async def test_how_long_is_told_in_english_as_well(site):
    visitor = await site.visitor()
    await visitor.post("/me/preferences", {"language": "en"})
    for _ in range(TRIES):
        await visitor.signs_in("mara", "wrong")

    answer = await visitor.signs_in("mara")

    assert "Too many failed attempts. Wait 15 min, then try again." in answer.text


async def test_others_are_not_stopped_by_somebodys_failed_attempts(site):
    visitor = await site.visitor()
    for _ in range(TRIES):
        await visitor.signs_in("mara", "wrong")

    assert (await visitor.signs_in("jon")).status == 303


async def test_after_a_quarter_of_an_hour_one_may_try_again(site):
    visitor = await site.visitor()
    for _ in range(TRIES):
        await visitor.signs_in("mara", "wrong")
    async with site.sessions() as session:
        long_ago = datetime.now(UTC) - timedelta(minutes=16)
        await session.execute(update(SignInAttempt).values(at=long_ago))
        await session.commit()

    assert (await visitor.signs_in("mara")).status == 303


async def test_coming_in_forgets_the_failed_attempts(site):
    visitor = await site.visitor()
    await visitor.signs_in("mara", "wrong")

    await visitor.signs_in("mara")

    async with site.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(SignInAttempt)) == 0


async def test_who_has_left_the_company_does_not_come_in(site):
    visitor = await site.signed_in("mara")
    async with site.sessions() as session:
        await session.execute(update(User).where(User.username == "mara").values(active=False))
        await session.commit()

    assert (await visitor.get("/")).status == 303
    assert (await (await site.visitor()).signs_in("mara")).status == 401


async def test_signing_out_ends_the_session_and_not_only_the_cookie(site):
    visitor = await site.visitor()
    cookie = (await visitor.signs_in("mara")).headers["Set-Cookie"].split(";")[0]

    answer = await visitor.post("/sign-out")

    assert (answer.status, answer.headers["Location"]) == (303, "/sign-in")
    other = await site.visitor()
    assert (await other.get("/", Cookie=cookie)).headers["Location"] == "/sign-in"


async def test_signing_in_again_is_a_new_session(site):
    visitor = await site.visitor()
    first = (await visitor.signs_in("mara")).headers["Set-Cookie"]

    second = (await visitor.signs_in("mara")).headers["Set-Cookie"]

    assert first.split(";")[0] != second.split(";")[0]
    async with site.sessions() as session:
        assert await session.scalar(select(func.count()).select_from(Session)) == 1


@pytest.mark.parametrize("column, ago", [("seen_at", 12.1), ("expires_at", 0.1)])
async def test_a_session_ends_when_it_is_idle_or_old(site, column, ago):
    visitor = await site.signed_in("mara")
    async with site.sessions() as session:
        at = datetime.now(UTC) - timedelta(hours=ago)
        await session.execute(update(Session).values({column: at}))
        await session.commit()

    assert (await visitor.get("/")).headers["Location"] == "/sign-in"


async def test_a_page_asked_for_by_a_stranger_is_shown_after_the_sign_in(site):
    visitor = await site.visitor()

    answer = await visitor.get("/calls?result=missed")

    assert answer.headers["Location"] == "/sign-in?next=%2Fcalls%3Fresult%3Dmissed"
    form = {"username": "mara", "password": "correct horse", "next": "/calls?result=missed"}
    assert (await visitor.post("/sign-in", form)).headers["Location"] == "/calls?result=missed"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "/\t/evil.example",
        "\\\\evil.example",
        "javascript:alert(1)",
        "/x\r\nSet-Cookie: a=b",
        "evil",
        "",
    ],
)
async def test_nobody_is_sent_to_another_site(site, wanted):
    visitor = await site.visitor()

    form = {"username": "mara", "password": "correct horse", "next": wanted}
    answer = await visitor.post("/sign-in", form)

    assert answer.headers["Location"] == local_path(wanted) == "/"


async def test_the_language_of_the_sign_in_page_is_kept_by_the_browser(site):
    visitor = await site.visitor()
    assert "Đăng nhập" in (await visitor.get("/sign-in")).text

    await visitor.post("/me/preferences", {"language": "en"})

    page = (await visitor.get("/sign-in")).text
    assert "Sign in" in page and "Đăng nhập" not in page


async def test_language_and_theme_are_kept_with_the_user(site):
    visitor = await site.signed_in("mara", language="vi")
    await visitor.post("/me/preferences", {"theme": "dark"})

    elsewhere = await site.visitor()
    await elsewhere.signs_in("mara")

    assert '<html lang="vi" data-theme="dark">' in (await elsewhere.get("/")).text


@pytest.mark.parametrize("wish", [{"language": "xx"}, {"theme": "pink"}])
async def test_what_there_is_not_cannot_be_preferred(site, wish):
    visitor = await site.signed_in("mara")

    assert (await visitor.post("/me/preferences", wish)).status == 400


async def test_a_program_comes_in_with_a_token_and_needs_no_proof_of_origin(site):
    await site.add(
        Token(
            id=digest("t0ken"),
            user_id=IDS["mara"],
            name="crm",
            created_at=datetime.now(UTC),
            expires_at=None,
        )
    )
    visitor = await site.visitor()

    answer = await visitor.get("/customers/search?q=an", Authorization="Bearer t0ken")
    change = await visitor.post("/me/preferences", {"theme": "dark"}, Authorization="Bearer t0ken")

    assert answer.status == 200
    assert change.status == 303


@pytest.mark.parametrize("token", ["wrong", "", "t0ken"])
async def test_a_token_that_is_unknown_or_over_opens_nothing(site, token):
    await site.add(
        Token(
            id=digest("t0ken"),
            user_id=IDS["mara"],
            name="crm",
            created_at=datetime.now(UTC),
            expires_at=datetime.now(UTC) - timedelta(seconds=1),
        )
    )
    visitor = await site.visitor()

    answer = await visitor.get(
        "/customers/search?q=an", Authorization=f"Bearer {token}", Accept="application/json"
    )

    assert answer.status == 401
    assert '"signed-out"' in answer.text
