"""A page that is gone without a word must not keep its seat for hours."""

from socket import IPPROTO_TCP, SO_KEEPALIVE, SOL_SOCKET, TCP_KEEPIDLE, TCP_USER_TIMEOUT

from aiohttp import web
from aiohttp.test_utils import TestClient, TestServer

from callcenter.popups.views import notice_silence


async def test_the_kernel_asks_whether_a_page_is_still_there():
    seen = {}

    async def page(request):
        notice_silence(request)
        connection = request.transport.get_extra_info("socket")
        seen["asks"] = connection.getsockopt(SOL_SOCKET, SO_KEEPALIVE)
        seen["after"] = connection.getsockopt(IPPROTO_TCP, TCP_KEEPIDLE)
        seen["gives up"] = connection.getsockopt(IPPROTO_TCP, TCP_USER_TIMEOUT)
        return web.Response()

    app = web.Application()
    app.router.add_get("/", page)
    async with TestClient(TestServer(app)) as client:
        await client.get("/")

    assert seen == {"asks": 1, "after": 30, "gives up": 60_000}
