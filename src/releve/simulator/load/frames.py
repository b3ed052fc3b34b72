"""The client's side of WebSocket, as little of it as load needs (RFC 6455)."""

import base64
import hashlib
import struct
from collections.abc import Iterator

try:
    from websockets.speedups import apply_mask
except ImportError:  # pragma: no cover - where the library was built without its C part
    from websockets.utils import apply_mask

GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"
TEXT, CLOSE, PING, PONG = 0x1, 0x8, 0x9, 0xA
MOST_BYTES = 1024 * 1024


class BrokenFrame(Exception):
    """The server sent something that is not WebSocket, or too long."""


def handshake(
    host: str, path: str, subprotocol: str, key: bytes, authorization: str | None
) -> bytes:
    """The upgrade request (RFC 6455, 4.1)."""
    lines = [
        f"GET {path} HTTP/1.1",
        f"Host: {host}",
        "Upgrade: websocket",
        "Connection: Upgrade",
        f"Sec-WebSocket-Key: {key.decode()}",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Protocol: {subprotocol}",
    ]
    if authorization is not None:
        lines.append(f"Authorization: {authorization}")
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def accepts(head: bytes, key: bytes) -> bool:
    """Whether `head` is the 101 that belongs to `key`."""
    wanted = base64.b64encode(hashlib.sha1(key + GUID).digest()).lower()  # noqa: S324 - RFC 6455
    lines = head.lower().split(b"\r\n")
    started = lines[0].startswith(b"http/1.1 101")
    return started and any(
        line.startswith(b"sec-websocket-accept:") and line.endswith(wanted) for line in lines
    )


def status_of(head: bytes) -> int:
    """The HTTP status of a response's head; 0 if it is none."""
    parts = head.split(b" ", 2)
    return int(parts[1]) if len(parts) > 1 and parts[1].isdigit() else 0


def masked(payload: bytes, mask: bytes, opcode: int = TEXT) -> bytes:
    """One whole frame from client to server (RFC 6455, 5.2 and 5.3)."""
    length = len(payload)
    if length < 126:
        head = struct.pack("!BB", 0x80 | opcode, 0x80 | length)
    elif length < 65_536:
        head = struct.pack("!BBH", 0x80 | opcode, 0xFE, length)
    else:
        head = struct.pack("!BBQ", 0x80 | opcode, 0xFF, length)
    return head + mask + apply_mask(payload, mask)


class FrameReader:
    """Cuts the server's bytes into messages: (opcode, payload). Fragments are put together."""

    __slots__ = ("_buffer", "_opcode", "_parts")

    def __init__(self) -> None:
        self._buffer = b""
        self._opcode = 0
        self._parts: list[bytes] = []

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """The messages that are complete with `data`. Raises BrokenFrame."""
        self._buffer = self._buffer + data if self._buffer else data
        while (found := self._one()) is not None:
            final, opcode, payload = found
            if opcode >= CLOSE or (final and not self._parts):
                yield opcode, payload
            elif final:
                whole = b"".join([*self._parts, payload])
                self._parts.clear()
                yield self._opcode, whole
            else:
                self._opcode = opcode or self._opcode
                self._parts.append(payload)

    def _one(self) -> tuple[bool, int, bytes] | None:
        buffer = self._buffer
        if len(buffer) < 2:
            return None
        if buffer[0] & 0x70 or buffer[1] & 0x80:
            raise BrokenFrame("reserved bits, or a masked frame from the server")
        length, start = buffer[1] & 0x7F, 2
        if length == 126:
            if len(buffer) < 4:
                return None
            (length,), start = struct.unpack_from("!H", buffer, 2), 4
        elif length == 127:
            if len(buffer) < 10:
                return None
            (length,), start = struct.unpack_from("!Q", buffer, 2), 10
        if length > MOST_BYTES:
            raise BrokenFrame(f"a frame of {length} bytes")
        if len(buffer) < start + length:
            return None
        self._buffer = buffer[start + length :]
        return bool(buffer[0] & 0x80), buffer[0] & 0x0F, buffer[start : start + length]
