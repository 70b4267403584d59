"""An exchange's websocket that speaks SIP: it challenges, checks the real password, and rings."""

import asyncio
from contextlib import asynccontextmanager

from websockets.asyncio.server import serve

from callcenter.phone.sip import answer, parameters, parse

REALM = "asterisk"


class SipExchange:
    def __init__(self):
        self.url = ""
        self.heard = []  # messages as they came
        self.registered = set()  # extensions whose digest was right
        self.deaf_to = 0  # registrations that it takes no notice of, as one does that is starting
        self.sockets = []
        self._news = asyncio.Condition()

    async def serve(self, socket):
        self.sockets.append(socket)
        async with self._news:
            self._news.notify_all()
        async for text in socket:
            self.heard.append(text)
            if text.startswith("REGISTER") and self.deaf_to:
                self.deaf_to -= 1
            elif text.startswith("REGISTER"):
                await socket.send(self._answered(text))
            async with self._news:
                self._news.notify_all()

    async def has_a_page(self):
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: self.sockets)

    async def has_heard(self, start):
        async with asyncio.timeout(5), self._news:
            await self._news.wait_for(lambda: any(text.startswith(start) for text in self.heard))

    def _answered(self, text):
        message = parse(text)
        lines = [f"{name}: {value}" for name, value in message.headers if name != "authorization"]
        credentials = message.header("authorization").removeprefix("Digest ")
        if not credentials:
            challenge = f'WWW-Authenticate: Digest realm="{REALM}",nonce="n1",qop="auth"'
            return "\r\n".join(["SIP/2.0 401 Unauthorized", *lines, challenge, "", ""])
        given = parameters(credentials)
        right = answer(given, "REGISTER", f"real-{given['username']}") == given["response"]
        if right:
            self.registered.add(given["username"])
        status = "200 OK" if right else "403 Forbidden"
        return "\r\n".join([f"SIP/2.0 {status}", *lines, "", ""])


@asynccontextmanager
async def sip_exchange():
    exchange = SipExchange()
    async with serve(exchange.serve, "127.0.0.1", 0, subprotocols=["sip"]) as server:
        exchange.url = f"ws://127.0.0.1:{server.sockets[0].getsockname()[1]}/ws"
        yield exchange
