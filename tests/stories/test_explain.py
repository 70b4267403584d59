"""A call that went past some people is explained, and each of them is told apart."""

import re

import pytest
from playwright.sync_api import Locator, Page, WebSocketRoute, expect

from tests.stories.conftest import Browser
from tests.stories.service import Service
from tests.stories.steps import (
    CARE,
    SALES,
    answers,
    dock,
    gives_up,
    hangs_up,
    on_a_break,
    rings,
    until,
)

pytestmark = [pytest.mark.browser, pytest.mark.exchange]

MAI, TUAN, LINH = "Nguyễn Thị Ngọc Mai", "Võ Anh Tuấn", "Đặng Khánh Linh"
PHUONG, DAT, NGA = "Hoàng Minh Phương", "Bùi Tiến Đạt", "Đỗ Thúy Nga"


def explained(page: Page, service: Service, number: str) -> Locator:
    """The chain of the latest call with that number, once it is filed."""
    page.goto(f"{service.url}/explain?number={number}")
    return page.locator(".why > li")


def because(chain: Locator, why: str) -> Locator:
    """Those who were not asked for that reason."""
    return chain.locator(".why__who > div", has=chain.page.get_by_text(why, exact=True))


SAYS = """async ([number, words]) =>
  (await (await fetch(`/explain?number=${number}`)).text()).includes(words)"""


class Phones:
    """The way of a page's phone to the service, until it breaks."""

    def __init__(self) -> None:
        self.broken = False
        self._sockets: list[WebSocketRoute] = []

    def connect(self, socket: WebSocketRoute) -> None:
        if self.broken:
            socket.close()
        else:
            self._sockets += [socket, socket.connect_to_server()]

    def break_down(self) -> None:
        self.broken = True
        for each in self._sockets:
            each.close()


def test_a_call_nobody_answered_at_first_is_explained_with_everybodys_reason(
    service: Service, browser: Browser
) -> None:
    linh = browser.ready(service, "linh")
    on_a_break(linh)
    mai = browser.ready(service, "mai")
    rings(service, "0987000711", SALES, "--then", "tone")
    dock(mai, "ringing")
    tuan = browser.ready(service, "tuan")
    answers(tuan)  # after Mai's phone was given up
    hangs_up(tuan)
    reader = browser.sign_in(service, "admin")

    chain = explained(reader, service, "+84 987 000 711")

    expect(reader.locator(".why__sum")).to_contain_text(f"{TUAN} nghe máy sau")
    told = [" ".join(each.split()) for each in chain.locator(".why__b > b").all_inner_texts()]
    order = [
        "Khách gọi vào số",
        "Hàng chờ Bán hàng",
        "Bán hàng gọi 1 trên 4 người",
        f"Điện thoại của {MAI}",
        f"Trang của {MAI} được báo",
        f"Trang của {MAI} đã hiện cuộc gọi",
        "Bán hàng gọi 1 trên 4 người",
        f"Điện thoại của {TUAN}",
        f"Trang của {TUAN} được báo",
        f"{TUAN} trong cuộc gọi",
        "Kết thúc",
    ]
    places = [next(n for n, text in enumerate(told) if text.startswith(each)) for each in order[:6]]
    assert places == sorted(places), told
    later = told[places[3] + 1 :]
    after = [next(n for n, text in enumerate(later) if text.startswith(each)) for each in order[6:]]
    assert after == sorted(after), told
    mais = chain.filter(has_text=f"Điện thoại của {MAI}")
    expect(mais).to_contain_text(re.compile(r"đổ chuông 0:(19|20|21), không nghe"))
    expect(mais).to_have_attribute("data-kind", "bad")
    first, second = chain.filter(has_text="Bán hàng gọi 1 trên 4 người").all()
    expect(because(first, "đang nghỉ")).to_contain_text(LINH)
    expect(because(first, "được gọi")).to_contain_text(MAI)
    expect(because(second, "đã không nghe cuộc gọi này")).to_contain_text(MAI)
    expect(because(second, "được gọi")).to_contain_text(TUAN)
    reader.goto(f"{service.url}/calls?number=0987000711")
    result = reader.locator("tbody tr td[title]", has_text="Đã nghe")
    expect(result).to_have_attribute(
        "title", re.compile(f"Bán hàng .*{MAI} 0:.*, không nghe → {TUAN}")
    )
    assert browser.complaints == []


def test_a_break_a_closed_page_and_a_phone_that_is_not_connected_are_told_apart(
    service: Service, browser: Browser
) -> None:
    nga = browser.ready(service, "nga")
    on_a_break(nga)
    reader = browser.sign_in(service, "admin")
    reader.goto(f"{service.url}/live")
    phuong = browser.ready(service, "phuong")
    phuong.goto("about:blank")
    phones = Phones()
    dat = browser.open()
    dat.route_web_socket(re.compile("/phone$"), phones.connect)
    browser.signs_in(dat, service, "dat")
    browser.is_ready(dat)
    agents = reader.locator("team-board .live__agent")
    phones.break_down()
    expect(agents.filter(has_text=DAT)).to_have_attribute("data-state", "unreachable")
    gone = re.compile("unreachable|offline")
    expect(agents.filter(has_text=PHUONG)).to_have_attribute("data-state", gone)

    rings(service, "0987000712", CARE, "--then", "tone")
    until(reader, SAYS, ["0987000712", "không gọi được ai trong 4 người"])
    gives_up(service)
    until(reader, SAYS, ["0987000712", "trong hàng chờ không ai nhận được cuộc gọi"])

    chain = explained(reader, service, "0987000712")
    expect(reader.locator(".why__sum")).to_contain_text(
        "trong hàng chờ không ai nhận được cuộc gọi"
    )
    picture = chain.filter(has_text="không gọi được ai trong 4 người")
    expect(picture).to_have_attribute("data-kind", "bad")
    expect(because(picture, "đang nghỉ")).to_contain_text(NGA)
    expect(because(picture, "trang đã đóng")).to_contain_text(PHUONG)
    expect(because(picture, "trang mở nhưng điện thoại chưa kết nối")).to_contain_text(DAT)
    reader.goto(f"{service.url}/explain/agent")
    reader.select_option("#explain-agent", label=DAT)
    reader.get_by_role("button", name="Giải thích").click()
    expect(reader.locator(".why")).to_contain_text("mở trang nhưng điện thoại chưa kết nối")
