"""One connection of a load run: a protocol object and nothing else, no task, no queue."""

import asyncio
import base64
import random
from typing import Protocol, cast

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import frames as rpc
from releve.ocpp.version import Version
from releve.simulator.load.frames import (
    CLOSE,
    PING,
    PONG,
    TEXT,
    BrokenFrame,
    FrameReader,
    accepts,
    handshake,
    masked,
    status_of,
)

MOST_HEAD_BYTES = 16_384


class Owner(Protocol):
    """What a connection tells the run it belongs to."""

    def opened(self, connection: "Connection") -> None: ...

    def refused(self, why: str) -> None: ...

    def answered(self, connection: "Connection", *, error: bool) -> None: ...

    def lost(self, connection: "Connection") -> None: ...


class Connection(asyncio.Protocol):
    """A station that opens a WebSocket, has one CALL open at a time, and refuses what it is asked."""

    __slots__ = (
        "_authorization",
        "_head",
        "_host",
        "_is_open",
        "_key",
        "_owner",
        "_path",
        "_reader",
        "_rng",
        "_transport",
        "_version",
        "began_at",
        "count",
        "identity",
        "sent_at",
    )

    def __init__(
        self,
        owner: Owner,
        identity: str,
        version: Version,
        host: str,
        path: str,
        authorization: str | None,
        rng: random.Random,
        began_at: float,
    ) -> None:
        self.identity = identity
        self.began_at = began_at
        self.sent_at: float | None = None
        """When the open CALL was written; None when there is none."""
        self.count = 0
        self._owner = owner
        self._version = version
        self._host = host
        self._path = path
        self._authorization = authorization
        self._rng = rng
        self._key = base64.b64encode(rng.randbytes(16))
        self._head: bytes | None = b""
        self._is_open = False
        self._reader: FrameReader | None = None
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """TCP is up: ask for the upgrade."""
        self._transport = cast(asyncio.Transport, transport)
        subprotocol = self._version.value
        self._transport.write(
            handshake(self._host, self._path, subprotocol, self._key, self._authorization)
        )

    def data_received(self, data: bytes) -> None:
        """The upgrade's answer first, then frames."""
        if self._head is not None:
            data = self._finish_handshake(self._head + data)
        if self._is_open and data and self._reader is not None:
            try:
                for opcode, payload in self._reader.feed(data):
                    self._take(opcode, payload)
            except BrokenFrame:
                self.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """TCP is down, whoever ended it."""
        if self._is_open:
            self._is_open = False
            self._owner.lost(self)
        elif self._head is not None:
            self._owner.refused("closed during the handshake")

    def call(self, action: str, payload: bytes, now: float) -> None:
        """Write a CALL; its answer goes to the owner."""
        self.count += 1
        self.sent_at = now
        self._write(rpc.encode_call(str(self.count), action, payload))

    def close(self) -> None:
        """Close in an orderly way, without waiting."""
        self._is_open = False
        if self._transport is not None and not self._transport.is_closing():
            self._write((1000).to_bytes(2, "big"), CLOSE)
            self._transport.close()

    def abort(self) -> None:
        """Cut the connection."""
        if self._transport is not None:
            self._transport.abort()

    def _finish_handshake(self, head: bytes) -> bytes:
        end = head.find(b"\r\n\r\n")
        if end < 0:
            self._head = head
            if len(head) > MOST_HEAD_BYTES:
                self._refuse("an endless handshake")
            return b""
        if not accepts(head[:end], self._key):
            self._refuse(f"HTTP {status_of(head)}")
            return b""
        self._head, self._is_open, self._reader = None, True, FrameReader()
        self._owner.opened(self)
        return head[end + 4 :]

    def _refuse(self, why: str) -> None:
        self._head = None
        self._owner.refused(why)
        self.abort()

    def _take(self, opcode: int, payload: bytes) -> None:
        if opcode == PING:
            self._write(payload, PONG)
        elif opcode == CLOSE:
            self.abort()
        elif opcode == TEXT:
            kind = payload[1:2]
            if kind in (b"3", b"4"):
                self._owner.answered(self, error=kind == b"4")
                self.sent_at = None
            elif kind == b"2":
                self._decline(payload)

    def _decline(self, frame: bytes) -> None:
        """The CSMS may ask what it likes; a load station does nothing of it."""
        call = rpc.READERS[self._version].read(frame)
        if isinstance(call, rpc.Call):
            self._write(
                rpc.encode_error(self._version, call.id, ErrorCode.NOT_SUPPORTED, "load", b"{}")
            )

    def _write(self, payload: bytes, opcode: int = TEXT) -> None:
        if self._transport is not None and not self._transport.is_closing():
            self._transport.write(masked(payload, self._rng.randbytes(4), opcode))
