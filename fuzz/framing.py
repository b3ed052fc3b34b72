"""Fuzz the socket: our short way for whole text frames against the `websockets` library alone, on the same bytes.

The first bytes choose how the stream is cut, whether compression was agreed, and when we close.
"""

from __future__ import annotations

from tests.properties.test_socket_differential import by_library, by_socket, deflated
from tests.unit.gateway.door_kit import CLOSE, CONT, PING, frame

HEADER = 6


class Framing:
    """The target. Called with bytes; raises AssertionError for a finding."""

    def __call__(self, data: bytes) -> None:
        if len(data) < HEADER:
            return
        choice, stream = data[:HEADER], data[HEADER:]
        deflate, close_after = bool(choice[0] & 1), choice[0] >> 1 & 7
        cuts = [number * (len(stream) // 255 + 1) for number in choice[1:]]
        ours = by_socket(stream, cuts, deflate, close_after)
        theirs = by_library(stream, deflate, close_after)
        assert ours == theirs, f"socket {ours}, library {theirs}"


def seeds() -> list[bytes]:
    """Streams of each kind of frame, whole and in parts."""
    beat = b'[2,"1","Heartbeat",{}]'
    streams = [
        frame(beat) * 3,
        frame(beat[:5], fin=False) + frame(b"p", PING) + frame(beat[5:], CONT),
        frame(beat) + frame(b"\x03\xe8bye", CLOSE) + frame(beat),
        frame(deflated(beat), rsv=4) * 2,
        frame(b"x" * 200, wide=16) + frame(b"x" * 200, wide=64),
        frame(beat, masked=False),
        frame(b"\xff\xfe"),
    ]
    return [bytes([n & 1, 3, 9, 40, 90, 200]) + s for n in (0, 1) for s in streams]
