"""WebSocket frames, as far as we read and write them ourselves; the rest is `websockets`' work.

RFC 6455, section 5.2.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from websockets.frames import Frame
from websockets.protocol import Event

if TYPE_CHECKING:
    from websockets.server import ServerProtocol

try:
    from websockets.speedups import apply_mask
except ImportError:  # no C compiler, no wheel for this machine
    from websockets.utils import apply_mask

__all__ = ["Passage", "apply_mask", "fit_reason", "is_utf8", "text_frame"]

# The two bytes before a short unmasked text, by its length.
_SHORT_HEADS = tuple(bytes((0x81, length)) for length in range(126))
_pack16 = struct.Struct("!BBH").pack
_pack64 = struct.Struct("!BBQ").pack


def text_frame(data: bytes) -> bytes:
    """One whole unmasked text frame."""
    length = len(data)
    if length < 126:
        return _SHORT_HEADS[length] + data
    if length < 65536:
        return _pack16(0x81, 126, length) + data
    return _pack64(0x81, 127, length) + data


def is_utf8(data: bytes) -> bool:
    """Whether a text message is one. Nearly all are ASCII, which is seen without a copy."""
    if data.isascii():
        return True
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return True


def fit_reason(reason: str) -> str:
    """As much as a close frame has room for: 123 bytes."""
    return reason.encode()[:123].decode(errors="ignore")


def _head_size(head: bytearray) -> int:
    """How long a frame's header is, as far as its beginning tells."""
    if len(head) < 2:
        return 2
    return 2 + {126: 2, 127: 8}.get(head[1] & 0x7F, 0) + (4 if head[1] & 0x80 else 0)


def _payload_size(head: bytearray) -> int:
    length = head[1] & 0x7F
    if length < 126:
        return length
    return int.from_bytes(head[2:4] if length == 126 else head[2:10], "big")


class Passage:
    """The long way: frames handed to `websockets`' sans-I/O protocol, never beyond a frame's end.

    It cuts at the frame boundaries itself, so that what the library says belongs to exactly one
    frame (answers and pongs keep the order of what they answer), and so that it is known, without
    looking inside the library, when nothing is buffered there.
    """

    __slots__ = ("_head", "_left", "_seen_at", "_unfolded", "fragments", "library", "parts")

    def __init__(self, library: ServerProtocol) -> None:
        self.library = library
        self._head = bytearray()
        self._left = 0  # payload bytes of the present frame still to come
        self.parts: list[bytes] = []
        self.fragments = 0
        self._seen_at = 0.0
        self._unfolded = 0  # bytes of messages since then

    def take(self, data: bytes, at: int) -> int:
        """Pass on what belongs to the present frame; where the rest begins."""
        while not self._left:
            missing = _head_size(self._head) - len(self._head)
            if not missing:
                self._left = _payload_size(self._head)
                break
            if at == len(data):
                return at
            piece = data[at : at + missing]
            self._head += piece
            at += len(piece)
            self.library.receive_data(piece)
        if self._left:
            piece = data[at : at + self._left]
            self._left -= len(piece)
            at += len(piece)
            if piece:
                self.library.receive_data(piece)
        if not self._left:
            self._head.clear()
        return at

    def between_messages(self) -> bool:
        """Nothing is under way here: neither a frame nor a fragmented message."""
        return not self._head and self.library.current_size is None

    def collect(self, frame: Frame) -> bytes | None:
        """Add a data frame; the whole message if it was the last one."""
        self.fragments += 1
        if frame.data:
            self.parts.append(bytes(frame.data))
        if not frame.fin:
            return None
        message = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        self.parts = []
        self.fragments = 0
        return message

    def unfolded(self, size: int, seen_at: float) -> int:
        """Count a frame's data; the bytes that the read of this time has become so far.

        One read may hold a thousand compressed messages, each of them as large as a message may be.
        """
        if seen_at != self._seen_at:
            self._seen_at, self._unfolded = seen_at, 0
        self._unfolded += size
        return self._unfolded

    def events(self) -> list[Event]:
        """What the library made of it."""
        return self.library.events_received()
