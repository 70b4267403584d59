"""The files we write for Asterisk, and what never gets into them."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from callcenter import config
from callcenter.asterisk import dialplan
from callcenter.asterisk.dialplan import Ports, phone_password, render_exchange
from callcenter.errors import Invalid
from callcenter.secrets import Secrets
from callcenter.switchboard.plan import (
    HANG_UP,
    Hours,
    Menu,
    Message,
    Number,
    Plan,
    Queue,
    Voicemail,
)
from tests.stage import plan_of, to

SETTINGS = config.load(config.ROOT / "config.toml").asterisk
SECRETS = Secrets(ami="ami-secret", carrier="c", phones="phones-secret", pages="pages-secret")
PLAN = plan_of({"02873001234": "sales"}, "sales")


def rendered(plan=PLAN, **settings):
    return render_exchange(
        config=replace(SETTINGS, **settings),
        ports=Ports.from_first(17000),
        secrets=SECRETS,
        plan=plan,
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

    straight = (
        "Gosub(callcenter-inbound,s,1(02873001234,sales))\n same => n,Goto(callcenter-go-queue,"
    )
    assert f"exten => 02873001234,1,{straight}for-sales,1)" in extensions
    assert "exten => _[+0-9]!,1,Hangup(1)" in extensions


def test_with_a_default_queue_no_number_is_refused():
    extensions = rendered(plan_of({}, "sales", default="sales"))["extensions.conf"]

    assert "exten => _[+0-9]!,1,Hangup(1)" not in extensions
    assert "exten => _[+0-9]!,1,Gosub(callcenter-inbound,s,1(${FILTER(" in extensions


@pytest.mark.parametrize(
    "plan, sentence",
    [
        (plan_of({}, "a b"), "cannot be a name"),
        (plan_of({}, "general"), "cannot be a name"),
        (plan_of({}, "x]\n[y"), "cannot be a name"),
        (plan_of({}, "a", "a"), "have one name"),
        (plan_of({}, "a-b", "ab"), "have one name"),  # the exchange does not see dashes
        (plan_of({}, caller_id="x"), "cannot be a number of ours"),
        (plan_of({"0;": "a"}, "a"), "cannot be a number of ours"),
        (plan_of({"1": "b"}, "a"), "There is no b"),
        (plan_of({}, default="b"), "There is no b"),
        (Plan(menus=(Menu(name="m", title="M", prompt="a;b"),)), "cannot be a name"),
        (Plan(menus=(Menu(name="m", title="M", keys={"1,2": HANG_UP}),)), "keys are"),
    ],
)
def test_a_plan_that_would_break_the_files_is_refused(plan, sentence):
    with pytest.raises(Invalid, match=sentence):
        rendered(plan)


@pytest.mark.parametrize(
    "address", ["", "localhost", "192.168.1", "1.2.3.4\nx = y", "0.0.0.0", "::"]
)
def test_a_media_address_that_is_none_is_refused(address):
    with pytest.raises(Invalid, match="media_address"):
        rendered(media_address=address)


def hostile(text):
    """A plan with that text wherever somebody's words could be."""
    way = to(text)
    return Plan(
        numbers=(Number(number=text, title=text, way=way),),
        hours=(Hours(name=text, title=text, open=way, closed=way),),
        menus=(Menu(name=text, title=text, prompt=text, keys={text: way}),),
        messages=(Message(name=text, title=text, prompt=text),),
        voicemails=(Voicemail(name=text, title=text, prompt=text, queue=text),),
        queues=(Queue(name=text, title=text, music=text),),
        default=way,
        caller_id=text,
    )


@given(st.text(min_size=1, max_size=40))
def test_no_text_whatever_adds_a_line_to_a_file(text):
    try:
        files = rendered(hostile(text))
    except Invalid:
        return
    plain = rendered(hostile("1"))

    assert {name: file.count("\n") for name, file in files.items()} == {
        name: file.count("\n") for name, file in plain.items()
    }


@settings(deadline=None)  # two times all files, each time
@given(st.text(min_size=1, max_size=40))
def test_no_title_whatever_is_in_a_file(text):
    queue = Queue(name="sales", title=text)

    assert rendered(Plan(queues=(queue,))) == rendered(Plan(queues=(replace(queue, title="x"),)))
