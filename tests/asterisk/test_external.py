"""The files for somebody else's exchange, included in a bare one."""

import re
from contextlib import asynccontextmanager

import pytest
from msgspec.structs import replace

from callcenter import config
from callcenter.asterisk import rootfs
from callcenter.asterisk.dialplan import EXTERNAL, Ports, render_exchange, write_external
from callcenter.asterisk.process import Asterisk
from callcenter.errors import Invalid
from callcenter.secrets import load_secrets
from callcenter.switchboard.plan import Plan
from tests.stage import PLAN, free_ports

SETTINGS = replace(config.load(config.ROOT / "config.toml").asterisk, mode="external")


@asynccontextmanager
async def a_bare_exchange_with(written, home):
    """What any Asterisk has, none of our files but the ones it includes."""
    ports, secrets = Ports(*free_ports(3)), load_secrets(home)
    files = render_exchange(
        config=SETTINGS,
        ports=ports,
        secrets=secrets,
        plan=Plan(),
        carrier="127.0.0.1:1",
    )
    bare = {
        "extensions.conf": "[general]\nstatic = yes\n[default]\nexten => 1,1,Hangup()\n",
        "queues.conf": "[general]\n",
        "confbridge.conf": "[general]\n",
        "pjsip.conf": f"[udp]\ntype=transport\nprotocol=udp\nbind=127.0.0.1:{ports.sip}\n",
        "manager.conf": f"[general]\nenabled = yes\nbindaddr = 127.0.0.1\nport = {ports.ami}\n",
    }
    for path in written:
        if path.suffix == ".conf":
            if (including := path.name.removeprefix("callcenter-")) in bare:
                bare[including] += f"#include {path.name}\n"
            bare[path.name] = path.read_text()
    asterisk = Asterisk("bare", rootfs.folder(config.home()), home / "bare", files | bare)
    await asterisk.start()
    try:
        yield asterisk
    finally:
        await asterisk.stop()


@pytest.mark.exchange
async def test_a_bare_exchange_loads_them_without_a_complaint(tmp_path):
    written = write_external(SETTINGS, load_secrets(tmp_path), PLAN, tmp_path / "out")

    async with a_bare_exchange_with(written, tmp_path) as asterisk:
        log = asterisk.log.read_text()
        complaints = [line for line in log.splitlines() if " ERROR" in line or " WARNING" in line]
        # The states of so many phones, told at once at the start, are a long queue for a moment.
        assert [line for line in complaints if "devicestate" not in line] == []
        assert "sales" in await asterisk.cli("queue show")
        assert "callcenter-record" in await asterisk.cli("dialplan show click2call")
        assert "Objects found: 320" in await asterisk.cli("pjsip show endpoints")
        rights = await asterisk.cli("manager show user callcenter")
        assert "call,agent,reporting,originate" in rights


@pytest.mark.exchange
async def test_what_their_trunk_needs_is_said_of_mobile_phones_too(tmp_path):
    out = tmp_path / "out"
    written = write_external(SETTINGS, load_secrets(tmp_path), PLAN, out)
    (out / "callcenter-mobile-trunk.conf").write_text("from_user = 02873001234\n")

    async with a_bare_exchange_with(
        [*written, out / "callcenter-mobile-trunk.conf"], tmp_path
    ) as asterisk:
        told = [
            await asterisk.cli(f"pjsip show endpoint {endpoint}")
            for endpoint in ("mobile201", "201")
        ]

    assert [re.search(r" from_user +: (\S*)\n", each)[1] for each in told] == ["02873001234", ""]


def test_there_is_a_readme_and_nobody_else_may_read_the_passwords(tmp_path):
    written = write_external(SETTINGS, load_secrets(tmp_path), PLAN, tmp_path / "out")

    assert [path.name for path in written] == [
        "README.md",
        *(f"callcenter-{part}.conf" for part in EXTERNAL),
    ]
    assert {path.stat().st_mode & 0o777 for path in written} == {0o600}
    assert "02873001234" in written[0].read_text()


def test_the_secret_is_the_one_of_the_configuration(tmp_path):
    settings = replace(SETTINGS, secret="what-they-chose", user="them")

    write_external(settings, load_secrets(tmp_path), PLAN, tmp_path / "out")

    manager = (tmp_path / "out/callcenter-manager.conf").read_text()
    assert "[them]\nsecret = what-they-chose\n" in manager


def test_numbers_that_are_not_ours_stay_with_the_other_dialplan(tmp_path):
    write_external(SETTINGS, load_secrets(tmp_path), PLAN, tmp_path / "out")

    assert "_[+0-9]!,1,Hangup" not in (tmp_path / "out/callcenter-extensions.conf").read_text()


def test_recordings_are_named_by_their_whole_path(tmp_path):
    write_external(SETTINGS, load_secrets(tmp_path), PLAN, tmp_path / "out")

    dialplan = (tmp_path / "out/callcenter-extensions.conf").read_text()
    assert "MixMonitor(/var/spool/asterisk/monitor/${id}.wav" in dialplan


@pytest.mark.parametrize("spool", ["relative", "/a b", "/a;rm", "/a,b", "/a$(id)", "/"])
def test_a_spool_that_could_become_a_command_is_refused(tmp_path, spool):
    with pytest.raises(Invalid, match="cannot be the spool"):
        write_external(
            replace(SETTINGS, spool=spool), load_secrets(tmp_path), PLAN, tmp_path / "out"
        )
