"""Trunks in the exchange's files: what is written, and what never gets there."""

import re

import pytest
from msgspec.structs import replace

from callcenter import config
from callcenter.asterisk.dialplan import Ports, render_exchange
from callcenter.asterisk.originate import originate
from callcenter.calls.endpoints import extension_of, national, trunk_endpoint, trunk_name
from callcenter.calls.legs import Kind, kind_of
from callcenter.errors import Invalid
from callcenter.secrets import Secrets
from callcenter.switchboard.plan import Trunk
from tests.stage import plan_of

SETTINGS = config.load(config.ROOT / "config.toml").asterisk
SECRETS = Secrets(ami="ami-secret", carrier="c", phones="phones-secret", pages="pages-secret")
SALES = "02873001234"
BUILT_IN = Trunk(name="carrier", title="Carrier")


def provider(**values):
    return Trunk(**{"name": "viettel", "title": "V", "host": "sip.example.vn", **values})


def rendered(*trunks, **settings):
    return render_exchange(
        config=replace(SETTINGS, **settings),
        ports=Ports.from_first(17000),
        secrets=SECRETS,
        plan=replace(plan_of({SALES: "s"}, "s"), trunks=trunks),
        carrier="127.0.0.1:17004",
    )


def section(text, name, kind):
    """The lines of that section of pjsip.conf."""
    found = re.search(rf"^\[{name}\]\ntype = {kind}\n(.*?)(?=^\[|\Z)", text, re.M | re.S)
    return found[1].split("\n") if found else []


def test_a_provider_without_an_account_is_called_and_calls_from_its_address_alone():
    pjsip = rendered(provider())["pjsip.conf"]

    assert "contact = sip:sip.example.vn:5060" in section(pjsip, "trunk-viettel", "aor")
    assert "match = sip.example.vn" in section(pjsip, "trunk-viettel", "identify")
    assert section(pjsip, "trunk-viettel", "registration") == []
    assert section(pjsip, "trunk-viettel", "auth") == []
    endpoint = section(pjsip, "trunk-viettel", "endpoint")
    assert {"context = from-trunk", "from_domain = sip.example.vn"} <= set(endpoint)
    assert not any(line.startswith("outbound_auth") for line in endpoint)


def test_on_loopback_where_phones_live_too_a_provider_is_known_by_its_port():
    pjsip = rendered(provider(host="127.0.0.1", port=5070))["pjsip.conf"]

    assert "match = 127.0.0.1:5070" in section(pjsip, "trunk-viettel", "identify")


def test_an_account_signs_in_and_its_password_may_have_a_semicolon():
    pjsip = rendered(provider(username="0287300", password="a;b", registers=True))["pjsip.conf"]

    assert "password = a\\;b" in section(pjsip, "trunk-viettel", "auth")
    registration = section(pjsip, "trunk-viettel", "registration")
    assert {"contact_user = 0287300", "line = yes", "auth_rejection_permanent = no"} <= set(
        registration
    )


def test_a_provider_that_calls_the_account_is_asked_for_the_number():
    trunk = provider(username="user.77", password="x", registers=True)

    assert (
        "exten => user.77,1,Set(CCTO=${PJSIP_HEADER(read,To)})"
        in (rendered(trunk)["extensions.conf"])
    )
    same = provider(username=SALES, password="x", registers=True)
    assert "CCTO" not in rendered(same)["extensions.conf"]


def test_an_account_may_be_named_like_a_mail_address():
    trunk = provider(username="an@phat.vn", password="x", registers=True)
    files = rendered(trunk)

    registration = section(files["pjsip.conf"], "trunk-viettel", "registration")
    assert {
        "client_uri = sip:an%40phat.vn@sip.example.vn:5060",
        "contact_user = an%40phat.vn",
    } <= set(registration)
    assert "username = an@phat.vn" in section(files["pjsip.conf"], "trunk-viettel", "auth")
    assert "exten => an@phat.vn,1,Set(CCTO=" in files["extensions.conf"]


def test_two_providers_may_know_us_by_the_same_account():
    same = {"username": "0287300", "password": "x", "registers": True}
    conf = rendered(provider(**same), provider(name="b", host="sip.b.vn", **same))

    assert conf["extensions.conf"].count("exten => 0287300,1,") == 1


def test_whoever_says_to_be_a_trunk_is_believed_by_the_address_alone():
    pjsip = rendered(provider(), BUILT_IN)["pjsip.conf"]

    for header in "[trunk-viettel]", "[carrier]", "[callcenter-own-mobile](!)":
        endpoint = pjsip.partition(f"\n{header}\ntype = endpoint\n")[2].partition("\n\n")[0]
        assert "identify_by = ip" in endpoint, header


def test_trunks_are_tried_in_the_order_in_which_they_are_given():
    conf = rendered(provider(), BUILT_IN, provider(name="b"))["extensions.conf"]

    assert re.findall(r"exten => t(\d),1,Set\(CCTRUNK=(.*)\)", conf) == [
        ("1", "trunk-viettel"),
        ("2", "carrier"),
        ("3", "trunk-b"),
    ]
    assert (
        "aors = trunk-viettel,carrier,trunk-b"
        in (rendered(provider(), BUILT_IN, provider(name="b"))["pjsip.conf"])
    )


def test_a_trunk_that_is_off_carries_nothing_and_without_any_there_is_the_installations():
    files = rendered(provider(is_on=False), BUILT_IN)

    assert "trunk-viettel" not in files["pjsip.conf"] + files["extensions.conf"]
    assert "t1,1,Set(CCTRUNK=carrier)" in rendered()["extensions.conf"]
    assert "CCTRUNK=carrier" not in rendered(replace(BUILT_IN, is_on=False))["extensions.conf"]


def test_a_trunk_that_accepts_only_its_own_number_shows_no_departments():
    conf = rendered(
        provider(caller_id="02899", only_own=True), provider(name="b", caller_id="02888"), BUILT_IN
    )["extensions.conf"]

    assert re.findall(r"Set\(_CCSHOWS=(.*)\)\n", conf) == [
        "02899",
        '${IF($["${CCSHOWN}" = ""]?02888:${CCSHOWN})}',
        '${IF($["${CCSHOWN}" = ""]?02873001234:${CCSHOWN})}',
    ]


def test_providers_are_spoken_to_from_the_address_of_the_configuration():
    pjsip = rendered(provider(), trunk_address="203.0.113.5")["pjsip.conf"]

    endpoint = section(pjsip, "trunk-viettel", "endpoint")
    assert {"transport = transport-trunks", "media_address = 203.0.113.5"} <= set(endpoint)
    assert "bind = 203.0.113.5:17001" in pjsip
    shared = rendered(provider(), trunk_address="203.0.113.5", desk_address="203.0.113.5")
    assert "transport-trunks" not in shared["pjsip.conf"]
    assert "transport = transport-desk" in section(
        shared["pjsip.conf"], "trunk-viettel", "endpoint"
    )
    assert "transport-trunks" not in rendered(provider())["pjsip.conf"]


@pytest.mark.parametrize("address", ["0.0.0.0", "office", ""])
def test_an_address_for_providers_that_is_none_is_refused(address):
    with pytest.raises(Invalid, match="trunk_address"):
        rendered(provider(), trunk_address=address)


@pytest.mark.parametrize(
    "values",
    [
        {"name": "A B"},
        {"name": "x]\n[y"},
        {"host": "a b"},
        {"host": "sip.vn;x"},
        {"host": "sip.vn\ncontext = click2call"},
        {"host": "300.1.1.1"},
        {"host": f"{'a' * 64}.vn"},
        {"username": "a\nb"},
        {"username": "a;b"},
        {"password": "a\nb"},
        {"password": " a"},
        {"password": "ä"},
        {"caller_id": "123&PJSIP"},
        {"registers": True},
    ],
)
def test_what_could_break_out_of_the_files_is_refused(values):
    with pytest.raises(Invalid):
        rendered(provider(**values))


def test_no_name_of_a_trunk_is_an_extension_and_two_have_not_the_same():
    assert extension_of(trunk_endpoint("201")) == "trunk-201"
    assert kind_of("PJSIP/trunk-201-0000000a", "carrier") is Kind.TRUNK
    assert kind_of("PJSIP/201-0000000a", "carrier") is Kind.PHONE
    assert trunk_name("carrier") == ""
    with pytest.raises(Invalid):
        rendered(provider(), provider())


@pytest.mark.parametrize(
    "number, ours",
    [
        ("+842873001234", "02873001234"),
        ("842873001234", "02873001234"),
        ("+8419006789", "19006789"),
        ("02873001234", "02873001234"),
        ("19006789", "19006789"),
        ("8401", "8401"),
        ("+442079460958", "+442079460958"),
    ],
)
def test_our_numbers_are_national(number, ours):
    assert national(number) == ours


def test_a_call_carries_the_number_of_its_agents_department():
    def variables(shown):
        headers = originate("id", "PJSIP/201", "201", "0912345678", "0912345678", "s", shown)
        return [value for name, value in headers if name == "Variable"]

    assert f"__CCSHOWN={SALES}" in variables(SALES)
    assert not any("CCSHOWN" in each for each in variables(""))
    with pytest.raises(Invalid):
        variables("1&PJSIP/x")
