"""The opening handshake of one connection, from accept to 101 or refusal.

A protocol object of its own, dropped when the transport is handed to `Socket`: an open connection
carries nothing of its handshake. Its phases: READING the request, ASKING the doorman (the only
asyncio task of a connection's life), LEAVING after a refusal.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
from typing import cast

from websockets.frames import CloseCode
from websockets.http11 import Response

from releve.gateway.door import Admission, Knock, Receiver, Refusal
from releve.gateway.hub import Hub
from releve.gateway.proxies import plain_address
from releve.gateway.request import Line, read_request, refusal_response
from releve.gateway.socket import Socket
from releve.gateway.tls import presented_chain

__all__ = ["Handshake"]

log = logging.getLogger(__name__)

READING, ASKING, LEAVING = range(3)

# Sent with the request by an eager client, before the 101; more than this no client has to say.
_MAX_EAGER_BYTES = 64 * 1024


class Handshake(asyncio.Protocol):
    """Reads one request and answers it."""

    __slots__ = (
        "_buffer",
        "_hub",
        "_library",
        "_line",
        "_phase",
        "_task",
        "_transport",
        "due_tick",
    )

    _transport: asyncio.Transport
    _line: Line

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._library = hub.library()
        self._buffer = bytearray()
        self._phase = READING
        self._task: asyncio.Task[None] | None = None
        self.due_tick = 0

    # What the transport tells.

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """A station, or anyone, has connected; with TLS, its handshake is done."""
        self._transport = cast(asyncio.Transport, transport)
        self._transport.set_write_buffer_limits(high=self._hub.settings.send_high_water_bytes)
        self._line = _read_line(self._transport)
        self._hub.counters.accepted += 1
        if self._hub.enter(self, self._line.peer):
            self._hub.wheel.schedule(self, self._hub.settings.handshake_timeout_s)
        else:
            self._refuse(Refusal(503, "Too many stations are connecting. Try again later."))

    def data_received(self, data: bytes) -> None:
        """Collect the request's head, however it is cut."""
        if self._phase == LEAVING:
            return
        searched = max(0, len(self._buffer) - 3)
        self._buffer += data
        if self._phase == ASKING:
            if len(self._buffer) > _MAX_EAGER_BYTES:
                self._drop("eager")
            return
        if not 0x41 <= self._buffer[0] <= 0x5A:  # no HTTP method: TLS on a plain port, a port scan
            self._drop("not_http")
            return
        end = self._buffer.find(b"\r\n\r\n", searched) + 4
        if end >= 4 and end <= self._hub.settings.max_head_bytes:
            head = bytes(self._buffer[:end])
            del self._buffer[:end]
            self._judge(head)
        elif end >= 4 or len(self._buffer) > self._hub.settings.max_head_bytes:
            self._refuse(Refusal(431, "The request's headers are too large."))

    def connection_lost(self, exc: Exception | None) -> None:
        """Gone before it was let in, or after it was refused."""
        if self._task is not None:
            self._task.cancel()
        if self._phase != LEAVING:
            self._hub.counters.handshakes["gone"] += 1
        self._phase = LEAVING
        self._finish()
        self._hub.forget(self)

    def due(self, now: float) -> None:
        """This phase has taken too long."""
        if self._phase == READING:
            self._drop("slow")  # whoever sends a byte a second gets no answer
        elif self._phase == ASKING:
            if self._task is not None:
                self._task.cancel()
            self._refuse(Refusal(503, "The answer took too long. Try again later."))
        else:
            self._transport.abort()

    def turn_away(self) -> None:
        """The door is closing."""
        if self._phase != LEAVING:
            self._refuse(Refusal(503, "This server is stopping. Try again later."))

    def abort(self) -> None:
        """Hang up at once."""
        self._transport.abort()

    # The phases.

    def _judge(self, head: bytes) -> None:
        """The request is whole: refuse it, or ask the doorman."""
        read = read_request(head, self._library, self._line, self._hub.settings)
        if isinstance(read, Refusal):
            self._refuse(read)
            return
        self._phase = ASKING
        self._hub.wheel.schedule(self, self._hub.settings.handshake_timeout_s)
        self._task = asyncio.get_running_loop().create_task(self._ask(*read))

    async def _ask(self, knock: Knock, response: Response) -> None:
        answer: Admission | Refusal
        try:
            answer = await self._hub.doorman.admit(knock)
        except Exception:
            log.exception("the doorman failed")
            answer = Refusal(503, "Something is wrong here. Try again later.")
        self._task = None
        if self._phase != ASKING:
            return  # it was too slow, or the peer has gone
        if isinstance(answer, Refusal):
            self._refuse(answer)
        else:
            self._let_in(answer, knock, response)

    def _let_in(self, admission: Admission, knock: Knock, response: Response) -> None:
        """Send the 101 and hand the transport over."""
        if admission.subprotocol in knock.subprotocols:
            response.headers["Sec-WebSocket-Protocol"] = admission.subprotocol
        self._library.send_response(response)
        self._transport.write(b"".join(self._library.data_to_send()))
        self._finish()
        if admission.subprotocol is None or admission.receiver is None:
            # OCPP-J 1.6, 3.2: complete the handshake without the header, then close at once.
            self._hub.counters.handshakes["no_subprotocol"] += 1
            self._open(_Nobody(), knock).close(CloseCode.PROTOCOL_ERROR, "no subprotocol in common")
            return
        self._hub.counters.handshakes["101"] += 1
        socket = self._open(admission.receiver, knock)
        try:
            admission.receiver.opened(socket)
        except Exception:
            log.exception("a receiver failed to open")
            socket.close(CloseCode.INTERNAL_ERROR)
        if self._buffer:
            socket.data_received(bytes(self._buffer))

    def _open(self, receiver: Receiver, knock: Knock) -> Socket:
        socket = Socket(
            self._hub,
            self._transport,
            receiver,
            self._library,
            peer=knock.peer,
            secure=knock.secure,
        )
        self._transport.set_protocol(socket)
        return socket

    # Refusing.

    def _refuse(self, refusal: Refusal) -> None:
        """Answer with an error and let the peer read it."""
        self._phase = LEAVING
        self._hub.counters.handshakes[str(refusal.status)] += 1
        self._finish()
        hub = self._hub
        response = refusal_response(refusal, self._library, hub.settings.realm, hub.retry_after_s())
        self._transport.write(response.serialize())
        if self._transport.can_write_eof():
            # Closing with bytes unread would reset the connection, and the answer with it.
            self._transport.write_eof()
        else:
            self._transport.close()
        hub.leaving.add(self)
        hub.wheel.schedule(self, hub.settings.linger_s)

    def _drop(self, outcome: str) -> None:
        """Hang up without a word."""
        self._phase = LEAVING
        self._hub.counters.handshakes[outcome] += 1
        self._finish()
        self._transport.abort()

    def _finish(self) -> None:
        """This handshake needs no more of our time or of anybody's quota."""
        self._hub.wheel.cancel(self)
        self._hub.leave(self, self._line.peer)


class _Nobody:
    """Receives nothing, for a connection that is closed as soon as it is open."""

    def opened(self, socket: Socket) -> None:
        """Never called."""

    def text(self, data: bytes) -> None:
        """Never called: the socket is closing."""

    def closed(self, code: int, reason: str) -> None:
        """Nobody to tell."""


def _read_line(transport: asyncio.Transport) -> Line:
    """What the transport knows of its peer."""
    peername = transport.get_extra_info("peername")
    peer = plain_address(peername[0]) if isinstance(peername, tuple) else ""
    tls = transport.get_extra_info("ssl_object")
    if not isinstance(tls, ssl.SSLObject):
        return Line(peer, secure=False)
    return Line(peer, secure=True, certificates=presented_chain(tls))
