"""An Asterisk that speaks real AMI over a real socket and says what the test tells it to say."""

import asyncio
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from hashlib import md5
from pathlib import Path

USER, SECRET = "callcenter", "a secret"
BANNER = b"Asterisk Call Manager/11.0.0\r\n"
PATIENCE = 5.0  # seconds a test waits for something before it fails
COMPLETE = {  # action: what its response says, and the event that ends its list
    "CoreShowChannels": ("Channels will follow", "CoreShowChannelsComplete"),
    "Status": ("Channel status will follow", "StatusComplete"),
    "DeviceStateList": ("Device State Changes will follow", "DeviceStateListComplete"),
    "QueueStatus": ("Queue status will follow", "QueueStatusComplete"),
}
IN_WORDS = {
    "Originate": "Originate successfully queued",
    "Hangup": "Channel Hungup",
    "QueueAdd": "Added interface to queue",
    "QueueRemove": "Removed interface from queue",
    "QueuePause": "Interface paused successfully",
}
Headers = dict[str, str]


class FakeAsterisk:
    """What a test may set (any time): what exists, what is refused, whether it answers at all.

    `asked` holds every action in the order it came, its repeated headers joined by line feeds.
    """

    def __init__(self) -> None:
        self.port = 0
        self.user, self.secret = USER, SECRET
        self.asked: list[Headers] = []
        self.silent = False  # takes everything, says nothing
        self.ignores: set[str] = set()  # actions that get no answer
        self.refuses: dict[str, str] = {}  # action: Asterisk's words
        self.channels: list[Headers] = []  # as CoreShowChannel tells them: Channel, Uniqueid, …
        self.devices: dict[str, str] = {}  # "PJSIP/201": "NOT_INUSE"
        self.queues: dict[str, dict[str, Headers]] = {}  # queue: interface: QueueMember's headers
        self.ahead_s = 0.0  # its clock before ours
        self.connections = 0  # ever accepted
        self.answered: Callable[[str], None] = lambda action: None  # called before each answer
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self._listening: set[asyncio.StreamWriter] = set()  # those who have logged in
        self._news = asyncio.Condition()

    # ------------------------------------------------------------------- saying

    async def says(self, event: str, headers: Mapping[str, str] | None = None, **more: str) -> None:
        """Send one event to all who are logged in; `headers` is for names like "Cause-txt"."""
        await self.sends(frame({"Event": event, **(headers or {}), **more}))

    async def sends(self, raw: bytes, pieces: int = 0) -> None:
        """Send bytes as they are; in pieces of so many bytes, each in a packet of its own."""
        for writer in list(self._listening):
            for start in range(0, len(raw), pieces or len(raw) or 1):
                writer.write(raw[start : start + (pieces or len(raw))])
                with suppress(ConnectionError):
                    await writer.drain()
                if pieces:
                    await asyncio.sleep(0)

    async def replays(self, path: Path, pieces: int = 0) -> None:
        """Send what a real Asterisk once said, without its banner."""
        raw = path.read_bytes()
        await self.sends(raw[raw.index(b"\r\n") + 2 :], pieces)

    # ------------------------------------------------------------------ waiting

    async def was_asked(self, action: str, times: int = 1) -> Headers:
        """The action, once it has been asked for so many times."""
        await self._until(lambda: self.count(action) >= times)
        return [asked for asked in self.asked if asked["Action"] == action][times - 1]

    async def has_listeners(self, number: int = 1) -> None:
        await self._until(lambda: len(self._listening) >= number)

    async def has_connections(self, ever: int) -> None:
        await self._until(lambda: self.connections >= ever)

    async def is_left(self) -> None:
        await self._until(lambda: not self._writers)

    def count(self, action: str) -> int:
        return Counter(asked["Action"] for asked in self.asked)[action]

    async def _until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(PATIENCE), self._news:
            await self._news.wait_for(condition)

    async def _tell(self) -> None:
        async with self._news:
            self._news.notify_all()

    # ----------------------------------------------------------------- bad luck

    async def cuts(self, raw: bytes = b"Event: Newstate\r\nChannel: PJS") -> None:
        """Say half a message, and hang up."""
        await self.sends(raw)
        for writer in list(self._writers):
            writer.close()

    def drops(self) -> None:
        """Cut all connections, as a crash does."""
        for writer in list(self._writers):
            writer.transport.abort()

    async def stops(self) -> None:
        """Crash, and be away."""
        if self._server:
            self._server.close()
        self.drops()

    async def listens(self) -> None:
        """Be there (again), on the same port if there was one."""
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    # ---------------------------------------------------------------- answering

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._writers.add(writer)
        self.connections += 1
        if not self.silent:
            writer.write(BANNER)
        try:
            await self._tell()
            while True:
                asked = parsed(await reader.readuntil(b"\r\n\r\n"))
                self.asked.append(asked)
                if not self.silent and asked["Action"] not in self.ignores:
                    self.answered(asked["Action"])
                    await self._answer(asked, writer)
                await self._tell()
        except (asyncio.IncompleteReadError, ConnectionError, asyncio.CancelledError):
            pass
        finally:
            self._writers.discard(writer)
            self._listening.discard(writer)
            writer.close()
            with suppress(asyncio.CancelledError):
                await self._tell()

    async def _answer(self, asked: Headers, writer: asyncio.StreamWriter) -> None:
        action, action_id = asked["Action"], asked["ActionID"]

        def respond(response: str, message: str = "", **more: str) -> None:
            told = {"Message": message} if message else {}
            writer.write(frame({"Response": response, "ActionID": action_id, **more, **told}))

        if action in self.refuses:
            respond("Error", self.refuses[action])
        elif action == "Challenge":
            respond("Success", Challenge="175802252")
        elif action == "Login":
            if self._knows(asked):
                respond("Success", "Authentication accepted")
                self._listening.add(writer)
            else:
                respond("Error", "Authentication failed")
                writer.close()
        elif writer not in self._listening:
            respond("Error", "Permission denied")
        elif action == "Ping":
            respond("Success", Ping="Pong", Timestamp=f"{time.time() + self.ahead_s:.6f}")
        elif action in COMPLETE:
            words, ending = COMPLETE[action]
            respond("Success", words, EventList="start")
            items = self._items(action)
            for name, item in items:
                writer.write(frame({"Event": name, "ActionID": action_id, **item}))
            end = {"EventList": "Complete", "ListItems": str(len(items))}
            end |= {"Items": str(len(items))} if action == "Status" else {}
            writer.write(frame({"Event": ending, "ActionID": action_id, **end}))
        elif problem := self._problem(asked):
            respond("Error", problem)
        elif action in IN_WORDS:
            words = IN_WORDS[action]
            unpaused = action == "QueuePause" and asked["Paused"] != "true"
            respond("Success", words.replace("paused", "unpaused") if unpaused else words)
            await self._do(asked)
        else:
            respond("Error", f"Invalid/unknown command: {action}.")

    def _knows(self, asked: Headers) -> bool:
        key = md5(f"175802252{self.secret}".encode(), usedforsecurity=False).hexdigest()
        right = asked.get("Key") == key or asked.get("Secret") == self.secret
        return asked.get("Username") == self.user and right

    def _items(self, action: str) -> list[tuple[str, Headers]]:
        match action:
            case "CoreShowChannels":
                return [("CoreShowChannel", channel) for channel in self.channels]
            case "Status":
                return [("Status", {"Privilege": "Call", **channel}) for channel in self.channels]
            case "DeviceStateList":
                items = self.devices.items()
                return [("DeviceStateChange", {"Device": d, "State": s}) for d, s in items]
        told: list[tuple[str, Headers]] = []
        for queue, members in self.queues.items():
            told.append(("QueueParams", {"Queue": queue, "Strategy": "rrmemory", "Calls": "0"}))
            told += [("QueueMember", member) for member in members.values()]
        return told

    # ----------------------------------------------------- channels and queues

    def _problem(self, asked: Headers) -> str:
        """Why a real one would refuse this; "" if it would not."""
        queue, interface = asked.get("Queue", ""), asked.get("Interface", "")
        match asked["Action"]:
            case "Hangup":
                known = {c[name] for c in self.channels for name in ("Channel", "Uniqueid")}
                return "" if asked["Channel"] in known else "No such channel"
            case "QueueAdd" if queue not in self.queues:
                return "Unable to add interface to queue: No such queue"
            case "QueueAdd" if interface in self.queues[queue]:
                return "Unable to add interface: Already there"
            case "QueueRemove" if interface not in self.queues.get(queue, {}):
                return "Unable to remove interface: Not there"
            case "QueuePause" if not any(interface in members for members in self.queues.values()):
                return "Interface not found"
        return ""

    async def _do(self, asked: Headers) -> None:
        queue, interface = asked.get("Queue", ""), asked.get("Interface", "")
        match asked["Action"]:
            case "QueueAdd":
                name, paused = asked.get("MemberName", interface), asked.get("Paused") == "true"
                self.queues[queue][interface] = member(queue, interface, name, paused=paused)
                await self._tell_member("QueueMemberAdded", queue, interface)
            case "QueueRemove":
                await self._tell_member("QueueMemberRemoved", queue, interface)
                del self.queues[queue][interface]
            case "QueuePause":
                for name, members in self.queues.items():
                    if interface in members:
                        members[interface]["Paused"] = "1" if asked["Paused"] == "true" else "0"
                        members[interface]["PausedReason"] = asked.get("Reason", "")
                        await self._tell_member("QueueMemberPause", name, interface)

    async def _tell_member(self, event: str, queue: str, interface: str) -> None:
        told = dict(self.queues[queue][interface])
        # The events name the same two things differently from the list.
        named = {"MemberName": told.pop("Name"), "Interface": told.pop("Location")}
        await self.says(event, {"Queue": told.pop("Queue"), **named, **told})


def member(queue: str, interface: str, name: str, *, paused: bool = False) -> Headers:
    """A queue's member as QueueStatus tells it; Status 1 is "not in use"."""
    told = {"Queue": queue, "Name": name, "Location": interface, "StateInterface": interface}
    counts = {"Membership": "dynamic", "Penalty": "0", "CallsTaken": "0", "InCall": "0"}
    return told | counts | {"Status": "1", "Paused": str(int(paused)), "PausedReason": ""}


def frame(headers: Mapping[str, str]) -> bytes:
    return ("".join(f"{name}: {value}\r\n" for name, value in headers.items()) + "\r\n").encode()


def parsed(message: bytes) -> Headers:
    headers: Headers = {}
    for line in message.decode().strip("\r\n").split("\r\n"):
        name, _, value = line.partition(": ")
        headers[name] = f"{headers[name]}\n{value}" if name in headers else value
    return headers


@asynccontextmanager
async def fake_asterisk() -> AsyncIterator[FakeAsterisk]:
    fake = FakeAsterisk()
    await fake.listens()
    try:
        yield fake
    finally:
        await fake.stops()
        await fake.is_left()
