"""One station's connection, above the socket: its RPC session, its live state, and the handlers of its messages.

Messages are handled one at a time, in the order of their arrival; results of our own calls are taken at once, so that
calls cross freely. The live state is loaded in the background when the connection opens; what arrives before is kept.
"""

from __future__ import annotations

import asyncio
from datetime import datetime
from typing import TYPE_CHECKING, Any

import structlog
from msgspec.structs import replace

from releve.dialects.mending import mend
from releve.dialects.registry import Dialect
from releve.gateway.aftermath import ignore, quietly, refusal_of, tell_bent, tell_failure
from releve.gateway.arrival import farewell, welcome
from releve.gateway.calling import Calling
from releve.gateway.drive import drive
from releve.ocpp import codec
from releve.ocpp.errors import ErrorCode, Malformed
from releve.ocpp.rpc.events import (
    CallReceived,
    CallTurnedAway,
    Dropped,
    FrameMalformed,
    Overrun,
    SendReceived,
)
from releve.ocpp.rpc.session import Limits, Session
from releve.ocpp.rpc.vocabulary import Role
from releve.services.admission import Admitted
from releve.services.live import Inbound, LiveStation
from releve.services.ports import StoreFailed, Unstorable
from releve.services.registration import may_speak

if TYPE_CHECKING:
    from releve.gateway.house import House
    from releve.gateway.socket import Socket

log = structlog.get_logger(__name__)

MONEY = frozenset({"StartTransaction", "StopTransaction", "MeterValues", "TransactionEvent"})
"""Never answered with an error of our making: a station may drop the message for good."""
REPLACED = 4001
FAILED = 1011
TOO_MUCH = 1008
MAX_EARLY = 64
MAX_SENDS = 64
"""SENDs of one station at work at the same time: nobody waits for their answers, so only this bounds them."""
LIMITS = Limits(queued_calls=10_000, queued_bytes=1024 * 1024)
"""One read of the socket may bring 256 KiB of small calls at once; after that, reading stops until they are handled."""
NO_JSON = b"{}"


class Link:
    """Implements `gateway.door.Receiver`."""

    __slots__ = (
        "_changes",
        "_early",
        "_early_bytes",
        "_held",
        "_idle",
        "_inbound",
        "_request",
        "_sends",
        "_since",
        "admitted",
        "calling",
        "dialect",
        "epoch",
        "heard_at",
        "house",
        "live",
        "peer",
        "session",
        "socket",
        "station",
    )

    def __init__(self, house: House, admitted: Admitted, dialect: Dialect, peer: str) -> None:
        self.house = house
        self.station = admitted.station
        self.dialect = dialect
        self.peer = peer
        self.admitted = admitted
        self.live: LiveStation | None = None
        self.epoch = 0
        """Grows with each connection of the station; given when it opens."""
        self.socket: Socket | None = None
        self.session = Session(dialect.version, Role.CSMS, house.new_message_id, limits=LIMITS)
        self.calling = Calling(self)
        self.heard_at: datetime = house.clock.now()
        self._changes: dict[str, Any] = {}
        self._early: list[bytes] | None = []
        self._early_bytes = 0
        self._sends = 0
        self._idle: asyncio.Future[None] | None = None
        self._inbound: Inbound | None = None
        self._request: tuple[CallReceived, datetime, tuple[str, ...]] | None = None
        self._since = 0.0
        self._held = False

    # --- the socket's side --------------------------------------------------------------------------------------

    def opened(self, socket: Socket) -> None:
        """Take the station over and load its live state."""
        self.socket = socket
        self.epoch = self.house.ids.next()  # in the order of arrivals, however slow the store is
        old = self.house.roster.take(self, self.house.clock.monotonic())
        self.session.answered = self.house.roster.answers_of(self.station.id)
        if old is not None:
            old.replaced()
        self.house.start(welcome(self))

    def text(self, data: bytes) -> None:
        """One frame from the station."""
        self.heard_at = self.house.clock.now()
        if self._early is not None:
            self._early.append(data)
            self._early_bytes += len(data)
            self._hold(len(self._early) >= MAX_EARLY)
            if self._early_bytes > LIMITS.queued_bytes:
                self.close(TOO_MUCH, "too much at once")
            return
        self._receive(data)

    def closed(self, code: int, reason: str) -> None:
        """The connection has ended; the station is offline unless a newer connection has taken over."""
        owned = self.house.roster.leave(self)
        self.socket = None
        self._early = None
        self._silence()
        if owned:
            self.house.start(farewell(self, reason or f"closed ({code})"))

    def replaced(self) -> None:
        """A newer connection of the same station has taken over: this one says nothing any more."""
        self._silence()
        if self.socket is not None:
            self.socket.close(REPLACED, "replaced by a newer connection")

    def _silence(self) -> None:
        """End all calls; the next connection waits for the handler that may still be at work."""
        if self._request is not None and not self.session.is_closed:
            self.house.roster.not_yet_idle(self)
        self.calling.abort(self.session.close())

    def close(self, code: int, reason: str) -> None:
        """Close the socket; `closed` follows."""
        if self.socket is not None:
            self.socket.close(code, reason)

    def flush(self) -> None:
        """Write what the session has for the socket, if this link still speaks for the station."""
        frames = self.session.take()
        if self.socket is not None:
            for frame in frames:
                self.socket.send_text(frame)

    def ready(self, live: LiveStation) -> None:
        """The live state is loaded: handle what has come meanwhile."""
        early, self._early = self._early, None
        if self.socket is None or early is None or not self.house.roster.owns(self):
            return
        self.live = live
        self.adopt({})
        self.station = live.station
        self._heed_quirks(live)
        for data in early:
            self._receive(data)
        self._hold(self.session.is_congested)

    def adopt(self, changes: dict[str, Any]) -> None:
        """Take over what people changed of the row, once the live state is there."""
        self._changes |= changes
        if self.live is not None:
            self.live.station = replace(self.live.station, **self._changes)
            self._changes = {}

    async def idle(self) -> None:
        """Wait until no handler of this link is at work."""
        if self._request is not None:
            if self._idle is None:
                self._idle = asyncio.get_running_loop().create_future()
            await asyncio.shield(self._idle)

    # --- what the station says ----------------------------------------------------------------------------------

    def _receive(self, data: bytes) -> None:
        now = self.house.clock.monotonic()
        event = self.session.receive(data, now)
        if type(event) is CallReceived:
            self._since = now
            self._handle(event)  # it writes its own answer, mostly later
            return
        if not self.calling.take(event):
            self._unusual(event, data)
            self._hold(self.session.is_congested)
        self.flush()

    def _hold(self, held: bool) -> None:
        """Stop reading while too many calls wait: TCP makes the station wait, nothing is lost."""
        if held is not self._held and self.socket is not None:
            self._held = held
            self.socket.hold(held)

    def _unusual(self, event: Any, data: bytes) -> None:
        """A frame that is no call and ends none of ours."""
        match event:
            case FrameMalformed(bad=bad):
                error = f"{bad.code.value}: {bad.description}"
                self._log("?", bad.id or "", data, outcome="malformed", error=error)
            case CallTurnedAway(id=id, action=action, code=code):
                self._log(action, id, data, outcome="error", error=code.value)
            case SendReceived():
                self._take_send(event)
            case Dropped(reason=reason, id=id):
                self._log("?", id, data, outcome="dropped", error=reason.value)
            case Overrun(id=id, action=action):
                self._log(action, id, data, outcome="dropped", error="too many calls at once")
                self.close(TOO_MUCH, "too many calls at once")
            case _:
                pass  # queued, or answered from the store: its exchange is logged with the first one

    def _take_send(self, send: SendReceived) -> None:
        """A message without an answer (2.1 SEND): handled like a call, but nothing goes back."""
        payload, live = bytes(send.payload), self.live
        handler = self.dialect.handler(send.action)
        if self._sends >= MAX_SENDS:
            self._log(send.action, send.id, payload, outcome="dropped", error="too many at once")
            return
        self._log(send.action, send.id, payload, outcome="send")
        if (
            live is None
            or handler is None
            or not may_speak(live, send.action, boots_first=self.dialect.boots_first)
        ):
            return
        try:
            request = codec.decode_request(self.dialect.version, send.action, payload)
        except Malformed as error:
            log.info(
                "unreadable",
                station=self.station.identity,
                action=send.action,
                reason=error.description,
            )
            return
        inbound = Inbound(live, self.heard_at, send.action, send.id, payload)
        self._sends += 1
        drive(handler(request, inbound, self.house.services), self._sent)  # type: ignore[arg-type]

    def _sent(self, response: Any, error: BaseException | None) -> None:
        self._sends -= 1
        ignore(response, error)

    def _handle(self, call: CallReceived) -> None:
        live = self.live
        if live is None:
            return
        at, action = self.heard_at, call.action
        self._request = (call, at, ())
        if not may_speak(live, action, boots_first=self.dialect.boots_first):
            self._refuse(
                ErrorCode.SECURITY_ERROR, "the station has not been accepted yet"
            )  # B02.FR.09
            return
        handler = self.dialect.handler(action)
        if handler is None:
            self._refuse(ErrorCode.NOT_SUPPORTED, f"{action} is not supported by this system")
            return
        try:
            decoded = codec.decode_request_noted(self.dialect.version, action, call.payload)
        except Malformed as error:
            self._refuse(error.code, error.description)
            return
        self._request = (call, at, decoded.notes)
        message = mend(decoded.message, live.quirks) if live.quirks.mends else decoded.message
        self._inbound = inbound = Inbound(live, at, action, call.id, bytes(call.payload))
        drive(handler(message, inbound, self.house.services), self._handled)  # type: ignore[arg-type]

    def _handled(self, response: Any, error: BaseException | None) -> None:
        """The handler of the message in progress has ended; what it wrote is on disk, or it failed."""
        assert self._request is not None
        call, _, notes = self._request
        if error is not None:
            self._failed(call, error)
            return
        try:
            payload = codec.encode(response) if response is not None else NO_JSON
        except Exception as unsayable:
            self._failed(call, unsayable)
            return
        self._finish(call, payload, notes)

    def _failed(self, call: CallReceived, error: BaseException) -> None:
        """Our own failure. The socket is closed instead of a CALLERROR where that could lose money."""
        tell_failure(error, self.station.identity, call.action)
        if (refusal := refusal_of(error)) is not None:
            self._refuse(*refusal)
            if isinstance(
                error, Unstorable
            ):  # the live state may be ahead of the disk: load it anew
                self.close(FAILED, refusal[1])
            return
        if isinstance(error, StoreFailed) or call.action in MONEY:
            self._end()
            self.house.journal.counts[(True, call.action, "failed")] += 1
            self.calling.abort(self.session.close())
            self.close(FAILED, "the system cannot store messages now")
            return
        self._refuse(ErrorCode.INTERNAL_ERROR, "the system could not handle this message")

    def _refuse(self, code: ErrorCode, description: str) -> None:
        assert self._request is not None
        call = self._request[0]
        spelling = code.spelling(self.dialect.version)
        self._log(
            call.action,
            call.id,
            bytes(call.payload),
            outcome="error",
            error=f"{spelling}: {description}",
        )
        self._end()
        self._follow(self.session.refuse(call.id, code, description))
        self.flush()

    def _finish(self, call: CallReceived, payload: bytes, notes: tuple[str, ...]) -> None:
        self._log(
            call.action,
            call.id,
            bytes(call.payload),
            payload,
            error=f"tolerated: {'; '.join(notes)}" if notes else "",
        )
        afterwards = self._inbound.afterwards if self._inbound is not None else None
        self._end()
        if notes:
            tell_bent(self, call.action, call.id, notes)
        self._follow(self.session.answer(call.id, payload))
        self.flush()
        for work in afterwards or ():
            self.house.start(quietly(work, call.action, self.station))

    def _follow(self, following: CallReceived | None) -> None:
        """Handle the next call that waited, in a turn of its own: a long queue must not become a deep stack."""
        if following is not None:
            asyncio.get_running_loop().call_soon(self._next, following)
        if self._held:
            self._hold(self.session.is_congested)

    def _next(self, call: CallReceived) -> None:
        if self.socket is not None and self.house.roster.owns(self):
            self._since = self.house.clock.monotonic()
            self._handle(call)

    def _end(self) -> None:
        self._request = self._inbound = None
        if self.session.is_closed:
            self.house.roster.idle(self)
        if self._idle is not None:
            self._idle.set_result(None)
            self._idle = None

    def _heed_quirks(self, live: LiveStation) -> None:
        """A station that never answers pings is not given up for it."""
        if self.socket is not None and live.quirks.no_pong:
            self.socket.set_ping(self.socket.ping_interval_s, None)

    def _log(
        self,
        action: str,
        message_id: str,
        request: bytes,
        response: bytes = b"",
        *,
        outcome: str = "answered",
        error: str = "",
    ) -> None:
        self.house.journal.write(
            self.station,
            self.heard_at,
            inbound=True,
            action=action,
            message_id=message_id,
            request=request,
            response=response,
            outcome=outcome,
            error=error,
            duration_ms=(self.house.clock.monotonic() - self._since) * 1000 if response else None,
        )
