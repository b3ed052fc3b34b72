"""A door to knock at: a doorman who agrees, receivers that remember, and a client of bare bytes."""

from __future__ import annotations

import asyncio
import base64
import os
import struct
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from websockets.frames import apply_mask  # type: ignore[attr-defined]

from releve.gateway.door import Admission, Knock, Receiver, Refusal
from releve.gateway.door_settings import DoorSettings
from releve.gateway.server import StationServer, serve_stations
from releve.gateway.socket import Socket

TEXT, BINARY, CONT, CLOSE, PING, PONG = 0x1, 0x2, 0x0, 0x8, 0x9, 0xA


class Ear:
    """A receiver that remembers everything, and echoes if told to."""

    def __init__(self, *, echo: bool = True) -> None:
        self.echo = echo
        self.texts: list[bytes] = []
        self.socket: Socket | None = None
        self.was_opened = asyncio.Event()
        self.was_closed: asyncio.Future[tuple[int, str]] = (
            asyncio.get_running_loop().create_future()
        )

    def opened(self, socket: Socket) -> None:
        self.socket = socket
        self.was_opened.set()

    def text(self, data: bytes) -> None:
        assert type(data) is bytes
        self.texts.append(data)
        if self.echo:
            assert self.socket is not None
            self.socket.send_text(data)

    def closed(self, code: int, reason: str) -> None:
        self.was_closed.set_result((code, reason))


Answer = Callable[[Knock], Awaitable[Admission | Refusal]]


class Host:
    """A doorman that agrees to the first subprotocol, unless `answer` says otherwise."""

    def __init__(self, answer: Answer | None = None, receiver: type[Ear] = Ear) -> None:
        self.knocks: list[Knock] = []
        self.ears: list[Ear] = []
        self.answer = answer
        self.receiver = receiver
        self.knocked = asyncio.Event()

    async def admit(self, knock: Knock) -> Admission | Refusal:
        self.knocks.append(knock)
        self.knocked.set()
        if self.answer is not None:
            return await self.answer(knock)
        return self.welcome(knock)

    def welcome(self, knock: Knock, subprotocol: str | None = None) -> Admission:
        self.ears.append(self.receiver())
        ear: Receiver = self.ears[-1]
        return Admission(subprotocol or (*knock.subprotocols, "ocpp1.6")[0], ear)


@dataclass
class Door:
    """A server on a free port of this machine."""

    server: StationServer
    host: Host
    clients: list[Client] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"ws://127.0.0.1:{self.server.port}"

    async def dial(self) -> Client:
        """A TCP connection, nothing said yet."""
        client = Client(*await asyncio.open_connection("127.0.0.1", self.server.port))
        self.clients.append(client)
        return client

    async def station(self, path: str = "/ocpp/ST-1", *headers: str) -> tuple[Client, Ear]:
        """A connection whose handshake has succeeded."""
        client = await self.dial()
        head = await client.shake(path, *headers)
        assert head.startswith("HTTP/1.1 101 "), head
        ear = self.host.ears[-1]
        await ear.was_opened.wait()
        return client, ear


@asynccontextmanager
async def open_door(host: Host | None = None, **settings: Any) -> AsyncIterator[Door]:
    """A door with short time-outs, closed afterwards."""
    host = host or Host()
    quick: dict[str, Any] = {"linger_s": 0.3, "close_timeout_s": 1.0, **settings}
    server = await serve_stations(
        host, DoorSettings(host="127.0.0.1", port=0, **quick), random=Random(1)
    )
    door = Door(server, host)
    try:
        yield door
    finally:
        for client in door.clients:
            client.writer.transport.abort()
        await server.close(grace_s=1.0)
        assert not server.sockets
        assert not server.handshakes_under_way


async def refused(raw: bytes, host: Host | None = None, **settings: Any) -> str:
    """The whole answer to a request that is not let in."""
    async with open_door(host, **settings) as door:
        client = await door.dial()
        answer = await client.ask(raw)
        assert not door.server.sockets
        return answer


def status(answer: str) -> int:
    """The status of an HTTP answer."""
    return int(answer.split(" ", 2)[1])


def key() -> str:
    return base64.b64encode(os.urandom(16)).decode()


def request(path: str, *headers: str, protocol: str | None = "ocpp1.6") -> bytes:
    """An upgrade request, more headers as given."""
    lines = [
        f"GET {path} HTTP/1.1",
        "Host: localhost",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key()}",
        "Sec-WebSocket-Version: 13",
        *([f"Sec-WebSocket-Protocol: {protocol}"] if protocol is not None else []),
        *headers,
    ]
    return "\r\n".join([*lines, "", ""]).encode()


def frame(
    data: bytes = b"",
    opcode: int = TEXT,
    *,
    fin: bool = True,
    masked: bool = True,
    rsv: int = 0,
    wide: int = 0,
) -> bytes:
    """A client's frame. `wide` forces the 16- or 64-bit length."""
    head = bytes([(0x80 if fin else 0) | rsv << 4 | opcode])
    mark = 0x80 if masked else 0
    if len(data) > 65535 or wide == 64:
        head += struct.pack("!BQ", mark | 127, len(data))
    elif len(data) > 125 or wide == 16:
        head += struct.pack("!BH", mark | 126, len(data))
    else:
        head += bytes([mark | len(data)])
    if not masked:
        return head + data
    mask = b"\x37\xfa\x21\x3d"
    return head + mask + apply_mask(data, mask)


def close_frame(code: int = 1000, reason: str = "") -> bytes:
    return frame(struct.pack("!H", code) + reason.encode(), CLOSE)


@dataclass
class Client:
    """Bare bytes to and from the door."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def shake(self, path: str, *headers: str, protocol: str | None = "ocpp1.6") -> str:
        """Send an upgrade request; the head of the answer."""
        self.writer.write(request(path, *headers, protocol=protocol))
        return await self.head()

    async def ask(self, raw: bytes) -> str:
        """Send bytes; everything that comes until the server hangs up."""
        self.writer.write(raw)
        return (await self.reader.read()).decode()

    async def head(self) -> str:
        return (await self.reader.readuntil(b"\r\n\r\n")).decode()

    def send(self, data: bytes) -> None:
        self.writer.write(data)

    async def frame(self) -> tuple[int, bytes]:
        """First byte and payload of the next frame, which must not be masked."""
        first, length = await self.reader.readexactly(2)
        assert length < 128
        if length == 126:
            (length,) = struct.unpack("!H", await self.reader.readexactly(2))
        elif length == 127:
            (length,) = struct.unpack("!Q", await self.reader.readexactly(8))
        return first, await self.reader.readexactly(length)

    async def closing(self) -> tuple[int, str]:
        """The close frame that must come next, and then the end of the stream."""
        first, payload = await self.frame()
        assert first == 0x88, (first, payload)
        assert await self.reader.read() == b""
        return struct.unpack("!H", payload[:2])[0], payload[2:].decode()

    async def gone(self) -> bool:
        """Whether the server cuts the line without another byte."""
        try:
            return await self.reader.read() == b""
        except ConnectionResetError:
            return True
