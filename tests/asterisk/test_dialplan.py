"""The files we write for Asterisk, and what never gets into them."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from callcenter import config
from callcenter.asterisk import dialplan
from callcenter.asterisk.dialplan import Ports, Routing, phone_password, render_exchange
from callcenter.errors import Invalid
from callcenter.secrets import Secrets

SETTINGS = config.load(config.ROOT / "config.toml").asterisk
SECRETS = Secrets(ami="ami-secret", carrier="c", phones="phones-secret", pages="pages-secret")
ROUTING = Routing(caller_id="02873001234", queues=("sales",), dids={"02873001234": "sales"})


def rendered(routing=ROUTING, **settings):
    return render_exchange(
        config=replace(SETTINGS, **settings),
        ports=Ports.from_first(17000),
        secrets=SECRETS,
        routing=routing,
        carrier="127.0.0.1:17004",
    )


def values(text, key):
    return re.findall(rf"^{key} *=>? *(.+)$", text, re.MULTILINE)


def test_everything_listens_on_loopback_only():
    files = rendered(media_address="192.168.1.20")

    binds = [
        address
        for text in files.values()
        for key in ("bind", "bindaddr")
        for address in values(text, key)
    ]
    assert len(binds) == 4
    assert {address.partition(":")[0] for address in binds} == {"127.0.0.1"}


def test_desk_phones_outside_may_sign_in_where_the_configuration_says_so():
    pjsip = rendered(desk_address="192.168.1.20")["pjsip.conf"]

    assert "bind = 192.168.1.20:17001" in pjsip
    own = pjsip.partition("[callcenter-own-desk]")[2].partition("\n\n")[0]
    assert "transport = transport-desk" in own
    assert "media_address = 192.168.1.20" in own
    assert "transport-desk" not in rendered()["pjsip.conf"]


@pytest.mark.parametrize("address", ["0.0.0.0", "::", "office", ""])
def test_a_desk_address_that_is_none_is_refused(address):
    with pytest.raises(Invalid, match="desk_address"):
        rendered(desk_address=address)


def test_browsers_send_their_audio_to_the_media_address():
    pjsip = rendered(media_address="192.168.1.20")["pjsip.conf"]

    browser = pjsip.partition("[callcenter-browser]")[2].partition("\n\n")[0]
    assert "media_address = 192.168.1.20" in browser
    assert "bind_rtp_to_media_address = yes" in browser


def test_in_the_office_the_media_address_is_the_only_one_offered():
    rtp = rendered(media_address="192.168.1.20")["rtp.conf"]

    assert values(rtp, "ice_permit") == ["192.168.1.20/32"]
    assert "ice_host_candidates" not in rtp


def test_on_one_machine_audio_stays_on_loopback(monkeypatch):
    monkeypatch.setattr(dialplan, "local_addresses", lambda: ["10.0.0.5", "192.168.1.20"])

    rtp = rendered()["rtp.conf"]
    assert rtp.endswith("[ice_host_candidates]\n10.0.0.5 = 127.0.0.1\n192.168.1.20 = 127.0.0.1\n")


def test_the_kernels_addresses_have_no_loopback_among_them():
    assert not [each for each in dialplan.local_addresses() if each.startswith("127.")]


def test_every_extension_has_its_own_password_and_the_same_every_time():
    first, again = rendered()["pjsip.conf"], rendered()["pjsip.conf"]

    passwords = values(first, "password")
    assert len(set(passwords)) == 220  # of the page and of the desk phone, and desk phones alone
    assert passwords == values(again, "password")
    assert {phone_password(SECRETS, each) for each in ("201", "desk201")} <= set(passwords)
    assert "phones-secret" not in first


def test_no_secret_is_where_it_does_not_belong():
    files = rendered()

    assert [name for name, text in files.items() if "ami-secret" in text] == ["manager.conf"]
    assert not [name for name, text in files.items() if "pages-secret" in text]


def test_nothing_that_could_reach_out_of_asterisk_is_loaded():
    loaded = set(values(rendered()["modules.conf"], "load"))

    dangerous = {"app_system.so", "func_shell.so", "func_curl.so", "res_agi.so", "app_exec.so"}
    assert loaded.isdisjoint(dangerous | {"res_ari.so", "chan_iax2.so", "app_originate.so"})


def test_the_journal_is_never_json_and_its_fields_have_no_types():
    files = rendered()

    for name in ("cdr_custom.conf", "cel_custom.conf"):
        assert values(files[name], "format") == ["dsv"]
        assert not re.search(r"\((int|uint|double|float|string)", files[name].partition("\n[")[2])


def test_a_caller_never_gets_into_a_command_or_the_name_of_a_file():
    for line in rendered()["extensions.conf"].splitlines():
        if "n(start),MixMonitor" in line:
            assert set(re.findall(r"\$\{([^}]+)\}", line)) == {"id"}


def test_a_number_of_ours_leads_to_its_queue_and_any_other_is_refused():
    extensions = rendered()["extensions.conf"]

    assert "exten => 02873001234,1,Gosub(callcenter-inbound,for-sales,1(02873001234))" in extensions
    assert "exten => _[+0-9]!,1,Hangup(1)" in extensions


def test_with_a_default_queue_no_number_is_refused():
    extensions = rendered(
        Routing(caller_id="1", queues=("sales",), dids={}, default_queue="sales")
    )["extensions.conf"]

    assert "exten => _[+0-9]!,1,Hangup(1)" not in extensions
    assert "callcenter-inbound,for-sales,1(${FILTER(" in extensions


@pytest.mark.parametrize(
    "routing, sentence",
    [
        (Routing(caller_id="1", queues=("a b",), dids={}), "cannot be the name of a queue"),
        (Routing(caller_id="1", queues=("general",), dids={}), "cannot be the name of a queue"),
        (Routing(caller_id="1", queues=("x]\n[y",), dids={}), "cannot be the name of a queue"),
        (Routing(caller_id="", queues=(), dids={}), "cannot be a number of ours"),
        (Routing(caller_id="1", queues=("a",), dids={"0;": "a"}), "cannot be a number of ours"),
        (Routing(caller_id="1", queues=("a",), dids={"1": "b"}), "There is no queue b"),
        (Routing(caller_id="1", queues=(), dids={}, default_queue="b"), "There is no queue b"),
    ],
)
def test_a_routing_that_would_break_the_files_is_refused(routing, sentence):
    with pytest.raises(Invalid, match=sentence):
        rendered(routing)


@pytest.mark.parametrize(
    "address", ["", "localhost", "192.168.1", "1.2.3.4\nx = y", "0.0.0.0", "::"]
)
def test_a_media_address_that_is_none_is_refused(address):
    with pytest.raises(Invalid, match="media_address"):
        rendered(media_address=address)


@given(st.text(min_size=1, max_size=40))
def test_no_text_whatever_adds_a_line_to_a_file(text):
    try:
        files = rendered(Routing(caller_id=text, queues=(text,), dids={text: text}))
    except Invalid:
        return
    plain = rendered(Routing(caller_id="1", queues=("1",), dids={"1": "1"}))

    assert {name: file.count("\n") for name, file in files.items()} == {
        name: file.count("\n") for name, file in plain.items()
    }
