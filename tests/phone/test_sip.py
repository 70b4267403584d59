"""What a page may say to the exchange, and how its digest becomes the real one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from callcenter.phone.sip import (
    LONGEST,
    Refused,
    answer,
    answered,
    checked,
    parse,
    unanswered,
    user_of,
)

SECRET, PASSWORD = "short-lived", "the exchange's"
CHALLENGE = {
    "username": "201",
    "realm": "asterisk",
    "nonce": "1700/abc",
    "uri": "sip:callcenter.invalid",
    "algorithm": "MD5",
    "qop": "auth",
    "nc": "00000001",
    "cnonce": "xyz",
    "opaque": "o",
}


def message(
    method="REGISTER",
    uri="sip:callcenter.invalid",
    body="",
    without=(),
    **headers,
):
    lines = {
        "Via": "SIP/2.0/WS abc.invalid;branch=z9hG4bK1",
        "Max-Forwards": "69",
        "To": "<sip:201@callcenter.invalid>",
        "From": '"Ánh" <sip:201@callcenter.invalid>;tag=a1',
        "Call-ID": "c1",
        "CSeq": f"1 {method}",
        "Contact": "<sip:201@abc.invalid;transport=ws>;expires=60",
        "Content-Length": str(len(body.encode())),
    } | {name.replace("_", "-"): value for name, value in headers.items()}
    rows = [f"{name}: {value}" for name, value in lines.items() if name not in without]
    return "\r\n".join([f"{method} {uri} SIP/2.0", *rows, "", body])


def digest(secret=SECRET, method="REGISTER", **other):
    given = CHALLENGE | other
    given = {key: value for key, value in given.items() if value is not None}
    given["response"] = answer(given, method, secret)
    bare = ("algorithm", "qop", "nc")
    return "Digest " + ", ".join(
        f"{key}={value}" if key in bare else f'{key}="{value}"' for key, value in given.items()
    )


def through(text, secrets=(SECRET,)):
    return checked(text, "201", secrets, PASSWORD)


def test_a_registration_of_ones_own_extension_passes():
    passed = through(message())

    assert passed.startswith("REGISTER sip:callcenter.invalid SIP/2.0\r\n")
    assert "<sip:201@abc.invalid;transport=ws>;expires=60" in passed


@pytest.mark.parametrize("header", ["From", "To"])
def test_a_registration_of_another_extension_does_not_pass(header):
    with pytest.raises(Refused, match="another extension"):
        through(message(**{header: "<sip:202@callcenter.invalid>;tag=a1"}))


@pytest.mark.parametrize(
    "contact",
    [
        "<sip:0912345678@carrier.example>",
        "<sip:201@carrier.example>",
        "<sip:202@abc.invalid;transport=ws>",
        "<sip:201@abc.invalid>, <sip:201@carrier.example>",
        "sip:201@abc.invalid;x=<sip:201@carrier.example>",
    ],
)
def test_a_contact_that_leads_elsewhere_does_not_pass(contact):
    with pytest.raises(Refused):
        through(message(Contact=contact))


def test_a_digest_with_the_pages_secret_becomes_one_with_the_exchanges_password():
    passed = parse(through(message(Authorization=digest())))

    assert f'response="{answer(CHALLENGE, "REGISTER", PASSWORD)}"' in passed.header("authorization")


def test_a_digest_without_qop_is_understood_as_well():
    bare = digest(qop=None, nc=None, cnonce=None)

    passed = parse(through(message(Authorization=bare)))

    expected = {key: CHALLENGE[key] for key in ("username", "realm", "nonce", "uri")}
    assert answer(expected, "REGISTER", PASSWORD) in passed.header("authorization")


def test_each_secret_that_is_still_good_opens_the_door():
    assert through(message(Authorization=digest("older")), secrets=("newest", "older"))


@pytest.mark.parametrize(
    "credentials",
    [
        digest("a guess"),
        digest(username="202"),
        digest(uri="sip:other.invalid"),
        digest(algorithm="SHA-256"),
        digest(qop="auth-int"),
        digest() + ', username="202"',
        digest() + ", x=y",
        digest(realm='a\\"b'),
        "Basic MjAxOng=",
        "Digest",
        'Digest username="201',
    ],
)
def test_a_digest_that_is_wrong_in_any_way_does_not_pass(credentials):
    with pytest.raises(Refused):
        through(message(Authorization=credentials))


def test_the_password_itself_is_not_good_for_a_page():
    with pytest.raises(Refused):
        through(message(Authorization=digest(PASSWORD)))


def test_with_no_secret_left_no_digest_passes():
    with pytest.raises(Refused):
        through(message(Authorization=digest()), secrets=())


@pytest.mark.parametrize("method", ["REFER", "MESSAGE", "SUBSCRIBE", "PUBLISH", "NOTIFY", "X"])
def test_methods_that_a_phone_of_ours_does_not_need_do_not_pass(method):
    with pytest.raises(Refused, match="never sends"):
        through(message(method))


@pytest.mark.parametrize("number", ["0912345678", "202", "*601", "600", ""])
def test_a_page_dials_nobody_by_itself(number):
    to = f"<sip:{number}@callcenter.invalid>" if number else "<sip:callcenter.invalid>"
    with pytest.raises(Refused, match="calls nobody"):
        through(message("INVITE", f"sip:{number}@callcenter.invalid", To=to))


def test_the_echo_test_may_be_dialled():
    echo = "sip:*600@callcenter.invalid"

    assert through(message("INVITE", echo, To=f"<{echo}>")).startswith("INVITE sip:*600@")


def test_the_echo_test_in_to_does_not_hide_another_number():
    with pytest.raises(Refused):
        through(
            message("INVITE", "sip:0912@callcenter.invalid", To="<sip:*600@callcenter.invalid>")
        )


def test_a_tag_inside_the_uri_does_not_make_a_dialog():
    to = "<sip:0912345678@callcenter.invalid;tag=1>"
    with pytest.raises(Refused, match="calls nobody"):
        through(message("INVITE", "sip:0912345678@callcenter.invalid", To=to))


@pytest.mark.parametrize("method", ["INVITE", "BYE", "UPDATE", "INFO", "PRACK", "OPTIONS"])
def test_within_a_call_a_phone_may_hold_hang_up_and_press_keys(method):
    text = message(method, "sip:asterisk@127.0.0.1:17000", To="<sip:0912@127.0.0.1>;tag=b2")

    assert through(text).startswith(method)


@pytest.mark.parametrize("method", ["BYE", "UPDATE", "OPTIONS"])
def test_outside_a_call_it_may_not(method):
    with pytest.raises(Refused):
        through(message(method, "sip:202@callcenter.invalid", To="<sip:202@callcenter.invalid>"))


def test_responses_pass():
    ringing = message().replace("REGISTER sip:callcenter.invalid SIP/2.0", "SIP/2.0 180 Ringing")

    assert through(ringing).startswith("SIP/2.0 180 Ringing\r\n")


def test_a_second_message_behind_the_first_does_not_pass():
    with pytest.raises(Refused, match="Content-Length"):
        through(message(body="", Content_Length="0") + message("MESSAGE"))


def test_the_body_keeps_its_letters_and_its_length():
    body = "v=0\r\ns=Ánh\r\n"
    to = "<sip:x@127.0.0.1>;tag=b"

    passed = through(
        message("INVITE", "sip:x@127.0.0.1", body, To=to, Content_Type="application/sdp")
    )

    assert passed.endswith(f"Content-Length: {len(body.encode())}\r\n\r\n{body}")


@pytest.mark.parametrize("name", ["From", "To", "Call-ID", "CSeq", "Via"])
def test_a_message_without_what_every_message_has_does_not_pass(name):
    with pytest.raises(Refused, match="no "):
        through(message(without=(name,)))


@pytest.mark.parametrize("again", ["From", "f", "To", "Authorization", "CSeq"])
def test_what_may_stand_there_once_does_not_stand_there_twice(again):
    twice = message(Authorization=digest()).replace(
        "\r\n\r\n", f"\r\n{again}: <sip:202@callcenter.invalid>\r\n\r\n", 1
    )
    with pytest.raises(Refused, match="more than one"):
        through(twice)


def test_headers_that_we_do_not_know_stay_behind():
    passed = through(message(Route="<sip:carrier.example;lr>", P_Asserted_Identity="<sip:1@x>"))

    assert "route" not in passed.lower()
    assert "asserted" not in passed.lower()


@pytest.mark.parametrize("strange", ["\r", "\n", "\x00", "\x85", "\u2028"])
def test_line_ends_and_control_characters_inside_a_header_do_not_pass(strange):
    with pytest.raises(Refused):
        through(message(User_Agent=f"page{strange}Route: <sip:carrier.example>"))


def test_a_message_that_is_too_long_does_not_pass():
    with pytest.raises(Refused, match="too long"):
        through(message(body="x" * LONGEST))


def test_keep_alives_pass():
    assert through("\r\n\r\n") == "\r\n\r\n"


def test_the_name_beside_an_address_may_be_anything():
    assert user_of('"<sip:202@x>" <sip:201@callcenter.invalid>;tag=1') == "201"
    assert user_of("sip:201@callcenter.invalid;tag=1") == "201"


@given(st.text())
def test_garbage_is_refused_and_breaks_nothing(text):
    try:
        through(text)
    except Refused:
        return
    assert text.strip("\r\n") == ""


@given(
    st.integers(0, len(message(Authorization=digest()))),
    st.text(alphabet=st.sampled_from('<>@";,:= \r\n\\%aZ1ế\x00\ud800')),
)
def test_a_message_with_garbage_in_its_middle_is_refused_or_stays_the_extensions_own(at, garbage):
    whole = message(Authorization=digest())
    try:
        passed = through(whole[:at] + garbage + whole[at:])
    except Refused:
        return
    if garbage or passed.strip("\r\n"):
        assert user_of(parse(passed).header("from")) == "201"


def test_a_phone_that_has_gone_declines_what_begins_to_ring():
    call, said = unanswered(message("INVITE", "sip:201@x", To="<sip:201@x>", Call_ID="c7"))

    declined = parse(said)
    assert (call, declined.header("call-id")) == ("c7", "c7")
    assert declined.line == "SIP/2.0 480 Temporarily Unavailable"
    assert declined.header("to") == "<sip:201@x>;tag=gone"
    assert answered(said) == "c7"


def test_changes_within_a_call_and_other_requests_do_not_ring():
    assert unanswered(message("INVITE", "sip:201@x", To="<sip:201@x>;tag=2")) is None
    assert unanswered(message("BYE", "sip:201@x")) is None


@pytest.mark.parametrize("line", ["SIP/2.0 180 Ringing", "INVITE sip:201@x SIP/2.0"])
def test_only_a_final_response_ends_the_ringing(line):
    rest = message("INVITE", "sip:201@x").partition("\r\n")[2]

    assert answered(f"{line}\r\n{rest}") == ""
