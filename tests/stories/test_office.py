"""From the office network: HTTPS, audio over the machine's own address, nothing else to be reached;
and the same calls with PostgreSQL behind them.
"""

import ipaddress
import struct
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest
from playwright.sync_api import expect

from callcenter.asterisk.dialplan import local_addresses
from callcenter.carrier.ports import free_port
from callcenter.carrier.selftest import tones
from tests.postgres import BIN, Postgres
from tests.stories.conftest import MICROPHONE_HZ, Browser
from tests.stories.service import Service, a_service
from tests.stories.steps import (
    SALES,
    answers,
    dock,
    hangs_up,
    hears,
    in_calls,
    is_recorded,
    open_call,
    rings,
)

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

WHISTLES = "0900000111"  # answers after a second, 440 Hz
RTP = range(20000, 21000)
LISTENS, UNCONNECTED = 0x0A, 0x07  # states of sockets, of TCP and UDP
TABLES = {"tcp": LISTENS, "tcp6": LISTENS, "udp": UNCONNECTED, "udp6": UNCONNECTED}


def test_over_https_and_the_networks_address_one_talks_as_on_the_machine_itself(
    browser: Browser, tmp_path: Path
) -> None:
    address, port = own_address(), free_port()
    certificate, key = self_signed(tmp_path, address)
    with a_service(
        tmp_path / "site",
        listen=f'"0.0.0.0:{port}"',
        certificate=f'"{certificate}"',
        key=f'"{key}"',
        media_address=f'"{address}"',
    ) as service:
        service.start()
        service.url = f"https://{address}:{port}"
        page = browser.ready(service, "mai", ignore_https_errors=True)
        assert all(each["secure"] for each in page.context.cookies() if each["httpOnly"])

        page.fill(".dock [data-part=dial]", WHISTLES)
        page.keyboard.press("Enter")
        dock(page, "talking")
        hears(page)
        reached = beyond_loopback(service)
        page.wait_for_timeout(1500)  # of conversation
        hangs_up(page)

        assert ("tcp", "0.0.0.0", port) in reached
        others = reached - {("tcp", "0.0.0.0", port)}
        audio = {each for each in others if each[1] == address and each[2] in RTP}
        assert audio and all(kind == "udp" for kind, _, _ in audio)
        # PJSIP opens two sockets an Asterisk for DNS, on ports of the system's choice, unasked.
        assert sorted(each[:2] for each in others - audio) == 2 * [("udp", "0.0.0.0")] + 2 * [
            ("udp6", "::")
        ]
        call_id = open_call(page, service, WHISTLES)
        is_recorded(page, call_id)
        sound = page.request.get(f"{service.url}/recordings/{call_id}.mp3").body()
        left, right = tones(sound)
        assert abs(left - 440) < 15
        assert abs(right - MICROPHONE_HZ) < 15
        assert browser.complaints == []


def test_without_https_the_page_says_why_there_is_no_microphone(
    browser: Browser, tmp_path: Path
) -> None:
    address, port = own_address(), free_port()
    with a_service(tmp_path / "site", listen=f'"0.0.0.0:{port}"') as service:
        service.start()
        service.url = f"http://{address}:{port}"

        page = browser.sign_in(service, "mai")

        dock(page, "blocked")
        expect(page.locator(".dock [data-part=why]")).to_contain_text("https://")
        page.click(".dock [data-do=retry]")
        dock(page, "blocked")
        doctor = service.says("doctor")
        assert "browsers give them no microphone" in doctor.stdout


@pytest.mark.postgres
def test_a_call_is_kept_in_postgresql_just_the_same(
    browser: Browser, tmp_path: Path, postgres_server: Postgres
) -> None:
    name = "story"
    subprocess.run(
        [BIN / "createdb", "-h", postgres_server.folder, "-U", "postgres", name], check=True
    )
    with a_service(tmp_path / "site", url=f'"{postgres_server.url(name)}"') as service:
        service.start()
        page = browser.ready(service, "mai")

        rings(service, "0987000401", SALES)
        answers(page)
        page.fill("#dock-note", "Trong PostgreSQL.")
        hears(page)
        hangs_up(page)

        expect(in_calls(page, service, "0987000401")).to_contain_text("Đã nghe máy")
        open_call(page, service, "0987000401")
        expect(page.locator("main")).to_contain_text("Trong PostgreSQL.")
        assert not (service.home / "callcenter.db").exists()
        assert browser.complaints == []


def own_address() -> str:
    """This machine's address in its network."""
    addresses = local_addresses()
    assert addresses, "this story needs an address besides loopback's"
    return addresses[0]


def self_signed(folder: Path, address: str) -> tuple[Path, Path]:
    certificate, key = folder / "certificate.pem", folder / "key.pem"
    what = ("-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=callcenter")
    more = ("-addext", f"subjectAltName=IP:{address}", "-keyout", key, "-out", certificate)
    subprocess.run(["openssl", "req", *what, *more], check=True, capture_output=True, timeout=30)
    return certificate, key


def beyond_loopback(service: Service) -> set[tuple[str, str, int]]:
    """(kind, address, port) of every socket of the service and its Asterisks that takes what comes
    from other machines.
    """
    mine = set()
    for pid in service.pids():
        for each in Path(f"/proc/{pid}/fd").iterdir():
            with suppress(OSError):  # closed since
                mine.add(str(each.readlink()))
    found = set()
    for kind, state in TABLES.items():
        for line in Path("/proc/net", kind).read_text().splitlines()[1:]:
            _, local, _, st, *_, inode = line.split()[:10]
            address, port = decoded(local)
            waits = int(st, 16) == state and f"socket:[{inode}]" in mine
            if waits and not ipaddress.ip_address(address).is_loopback:
                found.add((kind, address, port))
    return found


def decoded(text: str) -> tuple[str, int]:
    """An address as the kernel lists it: words of the machine's own byte order, in hexadecimal."""
    address, _, port = text.partition(":")
    words = [int(address[at : at + 8], 16) for at in range(0, len(address), 8)]
    return str(ipaddress.ip_address(struct.pack(f"={len(words)}I", *words))), int(port, 16)
