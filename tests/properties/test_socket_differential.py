"""The short way against the library alone: same stream, same messages, same bytes back.

The reference is `websockets`' sans-I/O protocol, fed one byte at a time so that everything it says
belongs to the frame just ended, with the few rules that are ours on top: text only, UTF-8, an echo, nothing
delivered after our own close. The stream given to `Socket` is cut anywhere.
"""

from __future__ import annotations

import asyncio
import struct
import zlib
from dataclasses import dataclass, field
from itertools import pairwise
from random import Random

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from websockets.extensions import Extension
from websockets.extensions.permessage_deflate import PerMessageDeflate
from websockets.frames import BINARY as BINARY_CODE
from websockets.frames import CONT, TEXT, Frame
from websockets.protocol import OPEN
from websockets.server import ServerProtocol

from releve.gateway.door import Admission, Knock
from releve.gateway.door_settings import DoorSettings
from releve.gateway.hub import Hub
from releve.gateway.socket import Socket
from tests.unit.gateway.door_kit import BINARY, CLOSE, PING, PONG, frame
from tests.unit.gateway.door_kit import CONT as CONT_CODE

# Streams around the limit are the matter; Hypothesis minds only when it prints one of them.
pytestmark = pytest.mark.filterwarnings("ignore:Generating overly large repr")
LIMIT = 70_000
UNBOUNDED = 10**9


@dataclass
class Outcome:
    """What a stream led to."""

    texts: list[bytes] = field(default_factory=list)
    out: bytes = b""
    ended: bool = False
    code: int | None = None


def extensions(deflate: bool) -> list[Extension]:
    return [PerMessageDeflate(True, True, 15, 12, {"memLevel": 5})] if deflate else []


class Reference:
    """The library with our few rules on top, and nothing of ours in between."""

    def __init__(self, deflate: bool, close_after: int) -> None:
        self.outcome = Outcome()
        self.close_after = close_after
        self.parts: list[bytes] = []
        self.library = ServerProtocol(state=OPEN, max_size=LIMIT)
        self.library.extensions = extensions(deflate)
        self.closed_by_us = False

    def hear(self, event: Frame) -> None:
        if event.opcode is BINARY_CODE:
            self.library.fail(1003, "OCPP is text")
        elif event.opcode in (TEXT, CONT):
            self.parts.append(bytes(event.data))
            if event.fin:
                message = b"".join(self.parts)
                self.parts.clear()
                self.deliver(message)

    def deliver(self, message: bytes) -> None:
        if self.library.state is not OPEN:
            return
        try:
            message.decode()
        except UnicodeDecodeError:
            self.library.fail(1007, "not UTF-8")
            return
        self.outcome.texts.append(message)
        self.library.send_text(message)
        if len(self.outcome.texts) == self.close_after:
            self.library.send_close(4000, "enough")
            self.closed_by_us = True

    def feed(self, data: bytes) -> None:
        self.library.receive_data(data)
        for event in self.library.events_received():
            assert isinstance(event, Frame)
            self.hear(event)
        for piece in self.library.data_to_send():
            self.outcome.out += piece
            self.outcome.ended = self.outcome.ended or not piece


def by_library(stream: bytes, deflate: bool, close_after: int) -> Outcome:
    """What must happen."""
    reference = Reference(deflate, close_after)
    outcome = reference.outcome
    for i in range(len(stream)):
        reference.feed(stream[i : i + 1])
        if outcome.ended:
            close = reference.library.close_rcvd or reference.library.close_sent
            assert close is not None
            outcome.code = 4000 if reference.closed_by_us else int(close.code)
            break
    return outcome


class Line(asyncio.Transport):
    """A transport into memory."""

    def __init__(self, outcome: Outcome) -> None:
        super().__init__()
        self.outcome = outcome
        self.aborted = False

    def write(self, data: bytes | bytearray | memoryview) -> None:
        assert not self.outcome.ended, "written after the end"
        self.outcome.out += data

    def can_write_eof(self) -> bool:
        return True

    def write_eof(self) -> None:
        self.outcome.ended = True

    def abort(self) -> None:
        assert self.outcome.ended, "cut off before the end"
        self.aborted = True

    def get_write_buffer_size(self) -> int:
        return 0


class Echo:
    """The receiver under test's conditions."""

    def __init__(self, outcome: Outcome, close_after: int) -> None:
        self.outcome = outcome
        self.close_after = close_after
        self.socket: Socket | None = None

    def opened(self, socket: Socket) -> None:
        self.socket = socket

    def text(self, data: bytes) -> None:
        assert self.socket is not None
        self.outcome.texts.append(data)
        self.socket.send_text(data)
        if len(self.outcome.texts) == self.close_after:
            self.socket.close(4000, "enough")

    def closed(self, code: int, reason: str) -> None:
        assert self.outcome.code is None, "closed twice"
        self.outcome.code = code


class NoDoorman:
    async def admit(self, knock: Knock) -> Admission:
        raise AssertionError


def by_socket(stream: bytes, cuts: list[int], deflate: bool, close_after: int) -> Outcome:
    """The code under test."""
    outcome = Outcome()
    settings = DoorSettings(
        max_message_bytes=LIMIT,
        max_fragments=UNBOUNDED,
        max_control_frames=UNBOUNDED,
        compress_from_bytes=0,
    )
    hub = Hub(NoDoorman(), settings, lambda: 1.0, Random(1))
    library = hub.library(OPEN)
    library.extensions = extensions(deflate)
    receiver = Echo(outcome, close_after)
    line = Line(outcome)
    socket = Socket(hub, line, receiver, library, peer="192.0.2.1", secure=False)
    receiver.opened(socket)
    edges = sorted({0, len(stream), *(cut % (len(stream) + 1) for cut in cuts)})
    for start, stop in pairwise(edges):
        socket.data_received(stream[start:stop])
        if line.aborted:  # after the end, more came than is dropped in patience
            assert len(stream) > LIMIT * 4
            break
    # A ping, a slow close or the end: never nothing, unless all is over.
    assert socket._hub.wheel.waiting == (0 if line.aborted else 1)
    return outcome


def deflated(data: bytes) -> bytes:
    squeeze = zlib.compressobj(wbits=-15)
    return (squeeze.compress(data) + squeeze.flush(zlib.Z_SYNC_FLUSH))[:-4]


words = st.one_of(
    st.binary(max_size=20),
    st.text(max_size=40).map(str.encode),
    st.sampled_from([b'[2,"1","Heartbeat",{}]', b"", b"\xff", "\u00e9".encode()]),
    st.sampled_from([124, 125, 126, 127, 300, 65535, 65536, LIMIT, LIMIT + 1]).map(b"x".__mul__),
)
texts = words.map(frame)
pieces = st.one_of(
    texts,
    texts,
    st.builds(frame, words, wide=st.sampled_from([16, 64])),
    st.builds(frame, words, fin=st.just(False)),
    st.builds(frame, words, st.just(CONT_CODE), fin=st.booleans()),
    st.builds(frame, st.binary(max_size=126), st.sampled_from([PING, PONG])),
    st.builds(frame, words, masked=st.just(False)),
    st.builds(frame, words, rsv=st.integers(1, 7)),
    st.builds(frame, words, st.integers(0, 15), fin=st.booleans()),
    st.builds(frame, words.map(deflated), fin=st.booleans(), rsv=st.just(4)),
    st.builds(frame, words.map(deflated), st.sampled_from([CONT_CODE, BINARY]), rsv=st.just(4)),
    st.builds(
        lambda code, reason: frame(struct.pack("!H", code) + reason, CLOSE),
        st.sampled_from([999, 1000, 1001, 1005, 1006, 3000, 4999, 5000]),
        st.binary(max_size=10),
    ),
    st.just(frame(b"", CLOSE)),
    st.binary(min_size=1, max_size=14),
)
# Mostly sensible talk, so that the interesting frame is not always the first.
streams = st.builds(
    lambda good, odd, more, lost: b"".join([*good, *odd, *more])[: -lost or None],
    st.lists(texts, max_size=4),
    st.lists(pieces, max_size=6),
    st.lists(texts, max_size=3),
    st.one_of(st.just(0), st.integers(0, 12)),
)
chunkings = st.lists(st.integers(0, 200_000), max_size=12)


@settings(max_examples=400)
@given(streams, chunkings, st.booleans(), st.integers(0, 5))
@example(b"\x81", [], False, 0)
@example(b"\x81\x7e", [1], False, 0)
@example(b"\x81\xfe\xff\xff", [3], False, 0)
@example(b"\x01\x7f", [1], False, 0)
@example(
    frame(b"a", fin=False) + frame(b"p", PING) + frame(b"b", CONT_CODE) + frame(b"c"), [], True, 0
)
@example(frame(b"one") + frame(b"two") + frame(b"", CLOSE), [4, 9], False, 1)
def test_the_short_way_agrees_with_the_library(stream, cuts, deflate, close_after):
    assert by_socket(stream, cuts, deflate, close_after) == by_library(stream, deflate, close_after)


@settings(max_examples=100)
@given(st.lists(texts, min_size=1, max_size=8), st.booleans(), st.integers(0, 3))
def test_a_byte_at_a_time_changes_nothing(frames, deflate, close_after):
    stream = b"".join(frames)[:3000]
    cuts = list(range(len(stream)))
    assert by_socket(stream, cuts, deflate, close_after) == by_library(stream, deflate, close_after)
