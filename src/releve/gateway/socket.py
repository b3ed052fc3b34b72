"""One open WebSocket: the short way for whole text frames, the library for everything unusual.

Nearly all frames are whole, masked, uncompressed text; those are cut out here. Any other frame,
and all frames until its message ends, goes through `websockets` (`frames.Passage`), which exists
only for that while. `tests/properties/test_socket_differential.py` holds the short way against the
library.
"""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING, cast

from websockets.frames import BINARY, CONT, TEXT, CloseCode, Frame
from websockets.protocol import OPEN as LIBRARY_OPEN

from releve.gateway.frames import Passage, apply_mask, fit_reason, is_utf8, text_frame
from releve.gateway.silence import NEVER_S, Next, watch_silence

if TYPE_CHECKING:
    from websockets.server import ServerProtocol

    from releve.gateway.door import Receiver
    from releve.gateway.hub import Hub

__all__ = ["Socket"]

log = logging.getLogger(__name__)

# A connection's life. CLOSING: our close frame is out, theirs is awaited. LINGERING: all is said,
# the peer shall hang up; what still comes is dropped. GONE: no transport any more.
OPEN, CLOSING, LINGERING, GONE = range(4)


class Socket(asyncio.Protocol):
    """A station's connection. Made by the handshake; used by the receiver, on the loop's thread."""

    __slots__ = (
        "_close_code",
        "_close_reason",
        "_control_count",
        "_control_since",
        "_held",
        "_hub",
        "_long_way",
        "_needed",
        "_passage",
        "_pinged_at",
        "_receiver",
        "_stalled_at",
        "_state",
        "_tail",
        "_transport",
        "bytes_in",
        "bytes_out",
        "due_tick",
        "last_seen",
        "opened_at",
        "peer",
        "ping_interval_s",
        "pong_timeout_s",
        "secure",
    )

    def __init__(
        self,
        hub: Hub,
        transport: asyncio.Transport,
        receiver: Receiver,
        library: ServerProtocol,
        *,
        peer: str,
        secure: bool,
    ) -> None:
        self._hub = hub
        self._transport = transport
        self._receiver: Receiver | None = receiver
        self._state = OPEN
        self._tail: bytearray | None = None  # the beginning of a frame taken the short way
        self._needed = 0  # bytes of it before another look is worth it
        # With compression agreed the library's state is kept, otherwise made when it is needed.
        self._passage = Passage(library) if library.extensions else None
        self._long_way = False
        self._close_code, self._close_reason = int(CloseCode.ABNORMAL_CLOSURE), ""
        self._control_count, self._control_since = 0, 0.0
        self._stalled_at = 0.0  # 0: what we send goes out
        self._held = False
        self._pinged_at = 0.0
        self.ping_interval_s = hub.settings.ping_interval_s
        self.pong_timeout_s = hub.settings.pong_timeout_s
        self.peer = peer
        self.secure = secure
        self.bytes_in = self.bytes_out = 0
        self.due_tick = 0
        self.opened_at = self.last_seen = hub.clock()
        hub.sockets.add(self)
        self._watch(self.opened_at)

    # What the receiver may do.

    @property
    def is_open(self) -> bool:
        """Whether what is sent now has a chance to arrive."""
        return self._state == OPEN

    @property
    def unsent_bytes(self) -> int:
        """What waits here for the station to read."""
        return 0 if self._state == GONE else self._transport.get_write_buffer_size()

    def send_text(self, data: bytes) -> bool:
        """Send one message (UTF-8); False if the connection is no longer open. Never blocks.

        A station that leaves more than the bound unread is cut off.
        """
        if self._state != OPEN:
            return False
        passage = self._passage
        if (
            passage is not None
            and passage.library.extensions
            and len(data) >= (self._hub.settings.compress_from_bytes)
        ):
            passage.library.send_text(data)
            self._flush(passage.library)
            return self._check_unsent()
        frame = text_frame(data)
        self._transport.write(frame)
        self.bytes_out += len(frame)
        return self._check_unsent() if self._stalled_at else True

    def set_ping(self, interval_s: float | None, pong_timeout_s: float | None) -> None:
        """Ping after this long a silence, None for never; drop the station when it stays silent for
        `pong_timeout_s` more, None if it never answers pings."""
        self.ping_interval_s, self.pong_timeout_s = interval_s, pong_timeout_s
        if self._state == OPEN:
            self._watch(self._hub.clock())

    def close(self, code: int = 1000, reason: str = "") -> None:
        """Start the closing handshake; nothing the station says from now on reaches the receiver.

        `closed` follows when the station agrees, or when its time is up.
        """
        if self._state != OPEN:
            return
        self._state = CLOSING
        self._close_code, self._close_reason = int(code), reason
        library = self._library()
        library.send_close(code, fit_reason(reason))
        self._hub.wheel.schedule(self, self._hub.settings.close_timeout_s)
        self._flush(library)

    def abort(self, reason: str = "") -> None:
        """Cut the line at once. `closed` follows with 1006 (or the code of a close under way)."""
        if self._state == OPEN:
            self._close_reason = reason
        if self._state in (OPEN, CLOSING):
            self._state = LINGERING
        self._hub.wheel.cancel(self)
        self._transport.abort()

    # What the transport tells.

    def data_received(self, data: bytes) -> None:
        """Bytes from the station, cut anywhere."""
        if self._state == LINGERING:
            self._drop(len(data))
            return
        self.last_seen = self._hub.clock()
        self.bytes_in += len(data)
        tail = self._tail
        if tail is None:
            self._read(data)
            return
        tail += data
        if len(tail) >= self._needed:
            self._tail = None
            self._read(cast(bytes, tail))

    def eof_received(self) -> bool:
        """The station has hung up: we do as well."""
        return False

    def connection_lost(self, exc: Exception | None) -> None:
        """The transport is gone, for whatever reason."""
        self._state = GONE
        self._hub.wheel.cancel(self)
        self._passage = self._tail = None
        self._tell_closed()
        self._hub.forget(self)

    def pause_writing(self) -> None:
        """The station does not read fast enough: read nothing more from it either."""
        self._stalled_at = self._hub.clock()
        if not self._transport.is_closing():
            self._transport.pause_reading()
        if self._state == OPEN:
            self._watch(self._stalled_at)

    def resume_writing(self) -> None:
        """It has caught up."""
        self._stalled_at = 0.0
        self.hold(self._held)

    def hold(self, held: bool) -> None:
        """Read nothing more from the station for now, or go on (unless it does not read itself)."""
        self._held = held
        if not self._transport.is_closing():
            pause = held or self._stalled_at
            (self._transport.pause_reading if pause else self._transport.resume_reading)()

    def due(self, now: float) -> None:
        """A deadline of the wheel: a ping, its answer, a stalled reader, a slow close."""
        if self._state == OPEN:
            self._watch(now)
        else:
            self.abort()

    # Reading.

    def _read(self, data: bytes) -> None:
        """Take the short way for each frame that allows it. RFC 6455, section 5.2."""
        at, end = 0, len(data)
        limit = self._hub.settings.max_message_bytes
        while at < end and self._state <= CLOSING:
            if self._long_way or data[at] != 0x81:
                at = self._read_long(data, at)
                continue
            if end - at < 2:
                self._keep(data, at, 2)
                return
            size = data[at + 1] - 0x80
            start = at + 6
            if size == 126:
                if end - at < 4:
                    self._keep(data, at, 4)
                    return
                size = data[at + 2] << 8 | data[at + 3]
                start = at + 8
            elif size > 126:
                size = -1
            if not 0 <= size <= limit:
                at = self._read_long(data, at)
                continue
            stop = start + size
            if stop > end:
                self._keep(data, at, stop - at)
                return
            payload = apply_mask(data[start:stop], data[start - 4 : start])
            at = stop
            self._hub.counters.frames_short += 1
            self._deliver(payload)

    def _keep(self, data: bytes, at: int, needed: int) -> None:
        """Wait for the rest of a frame."""
        self._tail, self._needed = bytearray(data[at:]), needed

    def _read_long(self, data: bytes, at: int) -> int:
        """Pass the bytes of one frame through the library; where the rest begins."""
        library = self._library()
        passage = cast(Passage, self._passage)
        at = passage.take(data, at)
        for event in passage.events():
            self._hub.counters.frames_long += 1
            self._handle(cast(Frame, event), passage)
        self._flush(library)
        if self._state == OPEN and passage.between_messages():
            self._long_way = False
            if not library.extensions:
                self._passage = None
        return at

    def _library(self) -> ServerProtocol:
        """Enter the long way."""
        self._long_way = True
        if self._passage is None:
            self._passage = Passage(self._hub.library(LIBRARY_OPEN))
        return self._passage.library

    def _handle(self, frame: Frame, passage: Passage) -> None:
        """One frame that the library found to be well formed."""
        opcode = frame.opcode
        if opcode is BINARY:
            passage.library.fail(CloseCode.UNSUPPORTED_DATA, "OCPP is text")
        elif opcode is TEXT or opcode is CONT:
            message = passage.collect(frame)
            settings = self._hub.settings
            if passage.unfolded(len(frame.data), self.last_seen) > settings.max_unfolded_bytes:
                passage.library.fail(CloseCode.MESSAGE_TOO_BIG, "unfolds to too much")
            elif message is not None:
                self._deliver(message)
            elif passage.fragments > settings.max_fragments:
                passage.library.fail(CloseCode.MESSAGE_TOO_BIG, "too many fragments")
        else:
            self._count_control(passage)

    def _count_control(self, passage: Passage) -> None:
        """A flood of pings ends here."""
        settings = self._hub.settings
        if self.last_seen - self._control_since > settings.control_window_s:
            self._control_since, self._control_count = self.last_seen, 0
        self._control_count += 1
        if self._control_count > settings.max_control_frames:
            passage.library.fail(CloseCode.POLICY_VIOLATION, "too many control frames")

    def _deliver(self, message: bytes) -> None:
        """Hand over a whole message, unless we are closing already."""
        if self._state != OPEN or self._receiver is None:
            return
        if not is_utf8(message):
            self._fail(CloseCode.INVALID_DATA, "not UTF-8")
            return
        try:
            self._receiver.text(message)
        except Exception:
            log.exception("a receiver failed on a message")
            self._fail(CloseCode.INTERNAL_ERROR, "")

    # Ending.

    def _fail(self, code: CloseCode, reason: str) -> None:
        """Fail the connection: say why, then hear no more. RFC 6455, section 7.1.7."""
        library = self._library()
        library.fail(code, reason)
        self._flush(library)

    def _flush(self, library: ServerProtocol) -> None:
        """Write what the library wants said; its end of file means that all is said."""
        for piece in library.data_to_send():
            if piece:
                self._transport.write(piece)
                self.bytes_out += len(piece)
            else:
                self._linger(library)

    def _linger(self, library: ServerProtocol) -> None:
        """All is said. Give the peer a moment to read it and hang up before we do."""
        if self._state == OPEN:
            close = library.close_rcvd or library.close_sent
            if close is not None:
                self._close_code, self._close_reason = int(close.code), close.reason
        self._state = LINGERING
        self._tail = None
        self._needed = self._hub.settings.max_message_bytes * 4  # from now on: bytes we still drop
        self._tell_closed()
        if self._transport.can_write_eof():
            self._transport.write_eof()
        else:
            self._transport.close()
        self._hub.wheel.schedule(self, self._hub.settings.linger_s)

    def _drop(self, size: int) -> None:
        """What comes after the end is not read, and not for ever."""
        self._needed -= size
        if self._needed < 0:
            self.abort()

    def _tell_closed(self) -> None:
        receiver, self._receiver = self._receiver, None
        if receiver is None:
            return
        self._hub.counters.closes[self._close_code] += 1
        try:
            receiver.closed(self._close_code, self._close_reason)
        except Exception:
            log.exception("a receiver failed on a closed connection")

    # Watching.

    def _check_unsent(self) -> bool:
        if self._transport.get_write_buffer_size() <= self._hub.settings.max_unsent_bytes:
            return True
        self.abort("does not read what we send")
        return False

    def _watch(self, now: float) -> None:
        """Do what is due, and plan the next look."""
        if self._stalled_at:
            wait_s = self._stalled_at + self._hub.settings.stall_timeout_s - now
            if wait_s <= 0:
                self.abort("does not read what we send")
                return
        else:
            step, wait_s = watch_silence(
                now, self.last_seen, self._pinged_at, self.ping_interval_s, self.pong_timeout_s
            )
            if step is Next.DROP:
                self.abort("no answer to a ping")
                return
            if step is Next.PING:
                self._pinged_at = now
                self._transport.write(b"\x89\x00")  # a ping without payload
                self.bytes_out += 2
            # Those that came together after an outage shall not be pinged together for ever.
            wait_s *= self._hub.random.uniform(1.0, 1.1)
        if wait_s < NEVER_S:
            self._hub.wheel.schedule(self, wait_s)
        else:
            self._hub.wheel.cancel(self)
