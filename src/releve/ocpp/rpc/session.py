"""One connection's RPC, without I/O: frames and times in, events and frames out.

The same class serves a CSMS and a station; `Role` says which side it is. The owner of a session

- gives each text frame to `receive`, which returns what it means;
- answers each CALL with `answer` or `refuse`, which return the next CALL to handle, if one waits;
- makes calls with `call`, and asks `tick` at `next_deadline` whether one timed out;
- after any of these writes to the socket what `take` returns.

Times are seconds of a monotonic clock, of the owner's choosing. Nothing here blocks: our calls and
the peer's cross freely, because a result is taken at once even while a CALL of the peer is being
handled.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc import frames
from releve.ocpp.rpc.counters import Counters
from releve.ocpp.rpc.events import (
    AnswerMalformed,
    CallAborted,
    CallAnswered,
    CallQueued,
    CallReceived,
    CallRefused,
    CallTimedOut,
    CallTurnedAway,
    Dropped,
    DropReason,
    Event,
    FrameMalformed,
    LateResult,
    Overrun,
    PeerComplained,
    ResultRejected,
    Retransmitted,
)
from releve.ocpp.rpc.frames import READERS, Call, CallError, CallResult, Send
from releve.ocpp.rpc.incoming import IncomingCalls
from releve.ocpp.rpc.malformed import NO_ID, RESULT, BadFrame
from releve.ocpp.rpc.outgoing import OutgoingCall, OutgoingCalls
from releve.ocpp.rpc.retransmission import HANDLED_ONCE, RESTARTS, AnsweredCalls
from releve.ocpp.rpc.vocabulary import Role, vocabulary_of
from releve.ocpp.version import Version


class NotInProgress(Exception):
    """An answer to a CALL that is not the one in progress: an error of the caller's."""


class SessionClosed(Exception):
    """A call or a SEND on a session that was closed."""


class Limits(msgspec.Struct, frozen=True):
    """The bounds of a session's queues."""

    waiting_calls: int = 16
    """Calls of ours that may wait behind the open one."""
    queued_calls: int = 64
    """CALLs of the peer that may wait behind the one in progress."""
    queued_bytes: int = 1024 * 1024
    """The bytes of those frames."""


DEFAULT_LIMITS: Final = Limits()


class Session:
    """The RPC state of one connection.

    `new_id` makes the ids of our calls: unique for this station over all its connections, at most
    36 characters (see `releve.ocpp.rpc.ids`). `answered` and `counters` may come from the station's
    last connection; each session makes its own otherwise.
    """

    __slots__ = (
        "_incoming",
        "_is_closed",
        "_new_id",
        "_outbox",
        "_outgoing",
        "_reader",
        "_vocabulary",
        "answered",
        "counters",
    )

    def __init__(
        self,
        version: Version,
        role: Role,
        new_id: Callable[[], str],
        *,
        limits: Limits = DEFAULT_LIMITS,
        answered: AnsweredCalls | None = None,
        counters: Counters | None = None,
    ) -> None:
        self._reader = READERS[version]
        self._vocabulary = vocabulary_of(version, role)
        self._new_id = new_id
        self._incoming = IncomingCalls(limits.queued_calls, limits.queued_bytes)
        self._outgoing = OutgoingCalls(limits.waiting_calls)
        self._outbox: list[bytes] = []
        self._is_closed = False
        self.answered = AnsweredCalls() if answered is None else answered
        self.counters = Counters() if counters is None else counters

    @property
    def version(self) -> Version:
        """The version that this connection speaks."""
        return self._reader.version

    @property
    def is_closed(self) -> bool:
        """Whether `close` was called."""
        return self._is_closed

    @property
    def is_congested(self) -> bool:
        """Whether so many CALLs wait that reading should stop until some are answered."""
        return self._incoming.is_congested

    @property
    def current(self) -> CallReceived | None:
        """The peer's CALL in progress, which waits for `answer` or `refuse`."""
        return self._incoming.current

    @property
    def unfinished(self) -> int:
        """Calls of ours that have not ended, open and waiting."""
        return len(self._outgoing)

    # What comes in

    def receive(self, frame: bytes, now: float) -> Event:
        """Take one text frame. Never raises, whatever the bytes. Frames may have to be written."""
        if self._is_closed:
            return self._drop(DropReason.CLOSED)
        read = self._reader.read(frame)
        kind = type(read)
        if kind is Call:
            return self._receive_call(read, frame)  # type: ignore[arg-type]
        if kind is CallResult:
            return self._receive_result(read, now)  # type: ignore[arg-type]
        match read:
            case CallError():
                return self._receive_error(read, now)
            case Send():
                return self._receive_send(read)
            case BadFrame():
                return self._receive_bad(read, now)
            case frames.CallResultError(id=call_id, code=spelling):
                code = ErrorCode.read(spelling)
                self.counters.results_rejected += 1
                return ResultRejected(call_id, code, spelling, read.description, read.details)
            case _:  # pragma: no cover - Call and CallResult were taken above
                raise AssertionError(read)

    def take(self) -> list[bytes]:
        """The text frames to write, in order; they are the caller's from now on."""
        outbox, self._outbox = self._outbox, []
        return outbox

    # The peer's calls

    def answer(self, call_id: str, payload: bytes) -> CallReceived | None:
        """Answer the CALL in progress by a CALLRESULT; `payload` is one JSON object, encoded.

        Returns the next CALL to handle. After `close` nothing is written, but the answer is
        remembered for the station's retransmission. Raises NotInProgress.
        """
        incoming = self._incoming
        call = incoming.current
        if call is None or call.id != call_id:
            raise NotInProgress(call_id)
        reply = frames.encode_result(call_id, payload)
        if call.action in HANDLED_ONCE:
            self.answered.remember(call_id, incoming.frame, reply)
        if not self._is_closed:
            self._outbox.append(reply)
        return incoming.next()

    def refuse(
        self, call_id: str, code: ErrorCode, description: str = "", details: bytes = b"{}"
    ) -> CallReceived | None:
        """Answer the CALL in progress by a CALLERROR.

        It is not remembered: a repeat of the CALL is tried again.
        `details` is one JSON object, encoded. Returns the next CALL to handle. Raises
        NotInProgress.
        """
        call = self._incoming.current
        if call is None or call.id != call_id:
            raise NotInProgress(call_id)
        self._write_error(call_id, code, description, details)
        return self._incoming.next()

    # Our calls

    def call(
        self, action: str, payload: bytes, now: float, timeout_s: float, token: object = None
    ) -> str:
        """Make a CALL, or let it wait for the open one; returns its id.

        `timeout_s` runs from when it is written. Raises CallQueueFull and SessionClosed.
        """
        self._must_be_open()
        call_id = self._new_id()
        frame = frames.encode_call(call_id, action, payload)
        call = OutgoingCall(call_id, action, frame, timeout_s, token)
        self._write_call(self._outgoing.add(call, now))
        return call_id

    def withdraw(self, call_id: str) -> bool:
        """Take back a call that still waits. False if it was written already or has ended."""
        return self._outgoing.withdraw(call_id) is not None

    def send(self, action: str, payload: bytes) -> str:
        """Send a message that is never answered (2.1); returns its id.

        It does not wait for open calls (2.1 part 4, section 4.1.1).
        Raises ValueError in versions that have no SEND, and SessionClosed.
        """
        self._must_be_open()
        if self.version is not Version.V21:
            raise ValueError(f"OCPP {self.version.label} has no SEND")
        send_id = self._new_id()
        self._outbox.append(frames.encode_send(send_id, action, payload))
        return send_id

    def reject_result(
        self, call_id: str, code: ErrorCode, description: str = "", details: bytes = b"{}"
    ) -> bool:
        """Say that the payload of a CALLRESULT could not be processed: in 2.1 a CALLRESULTERROR.

        Older versions have no words for it: nothing is written, and False returned.
        """
        self.counters.results_unusable += 1
        if self._is_closed or self.version is not Version.V21:
            return False
        self._outbox.append(frames.encode_result_error(call_id, code, description, details))
        return True

    def next_deadline(self) -> float | None:
        """When `tick` is to be called, if nothing happens before."""
        open_call = self._outgoing.open
        return None if open_call is None else open_call.deadline

    def tick(self, now: float) -> CallTimedOut | None:
        """End the open call if its time is over; the next one is written then."""
        call = self._outgoing.open
        if call is None or now < call.deadline:
            return None
        self.counters.timed_out += 1
        self._outgoing.remember_late(call)
        self._write_call(self._outgoing.end(now))
        return CallTimedOut(call.token, call.id, call.action)

    def close(self) -> list[CallAborted]:
        """End the session with its connection: every call of ours that has not ended ends here."""
        self._is_closed = True
        self._outbox = []
        self._incoming.forget_waiting()
        return [
            CallAborted(call.token, call.id, call.action, written=not call.frame)
            for call in self._outgoing.abandon()
        ]

    # Within

    def _receive_call(self, call: Call, frame: bytes) -> Event:
        action = call.action
        if action not in self._vocabulary.calls:
            return self._turn_away(call)
        if action == RESTARTS:
            self.answered.clear()
        incoming = self._incoming
        if incoming.current is not None and incoming.holds(frame):
            self.counters.repeated += 1
            return Retransmitted(call.id, action, answered=False)
        if action in HANDLED_ONCE and (reply := self.answered.find(call.id, frame)) is not None:
            self.counters.replayed += 1
            self._outbox.append(reply)
            return Retransmitted(call.id, action, answered=True)
        if incoming.current is None:
            incoming.begin(call, frame)
            return call
        if incoming.wait(call, frame):
            return CallQueued(call.id, action)
        self.counters.overrun += 1
        return Overrun(call.id, action)

    def _turn_away(self, call: Call) -> CallTurnedAway:
        """A CALL that has no handler on this side, whatever its payload."""
        self.counters.turned_away += 1
        shown = call.action[:64]
        if call.action in self._vocabulary.known:
            code, description = ErrorCode.NOT_SUPPORTED, f"{shown} cannot be called on this side"
        else:
            code, description = ErrorCode.NOT_IMPLEMENTED, f"{shown} is not known"
        self._write_error(call.id, code, description)
        return CallTurnedAway(call.id, call.action, code)

    def _receive_send(self, send: Send) -> Event:
        if send.action in self._vocabulary.sends:
            return send
        return self._drop(DropReason.NOT_A_SEND, send.id)

    def _receive_result(self, result: CallResult, now: float) -> Event:
        call = self._outgoing.open
        if call is None or call.id != result.id:
            return self._stray(result.id, result.payload)
        self._write_call(self._outgoing.end(now))
        return CallAnswered(call.token, call.id, call.action, result.payload, now - call.written_at)

    def _receive_error(self, error: CallError, now: float) -> Event:
        code = ErrorCode.read(error.code)
        call = self._outgoing.open
        if call is not None and call.id == error.id:
            self._write_call(self._outgoing.end(now))
            return CallRefused(
                call.token, call.id, call.action, code, error.code, error.description, error.details
            )
        if error.id == NO_ID:
            self.counters.peer_complaints += 1
            return PeerComplained(code, error.code, error.description, error.details)
        return self._stray(error.id, None)

    def _stray(self, call_id: str, payload: msgspec.Raw | None) -> Event:
        """An answer to no open call. Bounded: nothing of it is kept."""
        late = self._outgoing.pop_late(call_id)
        if late is None:
            return self._drop(DropReason.UNSOLICITED, call_id)
        self.counters.late += 1
        return LateResult(late.token, late.id, late.action, payload)

    def _receive_bad(self, bad: BadFrame, now: float) -> Event:
        self.counters.malformed += 1
        call = self._outgoing.open
        if call is not None and bad.kind in frames.ANSWERS and bad.id == call.id:
            if bad.kind == RESULT:
                self.reject_result(call.id, bad.code, bad.description)
            self._write_call(self._outgoing.end(now))
            return AnswerMalformed(call.token, call.id, call.action, bad)
        if bad.reply_id is not None:
            self._write_error(bad.reply_id, bad.code, bad.description)
        return FrameMalformed(bad, answered=bad.reply_id is not None)

    def _drop(self, reason: DropReason, frame_id: str = "") -> Dropped:
        self.counters.dropped += 1
        return Dropped(reason, frame_id)

    def _write_call(self, call: OutgoingCall | None) -> None:
        if call is not None:
            self._outbox.append(call.frame)
            call.frame = b""  # the socket has it now

    def _write_error(
        self, call_id: str, code: ErrorCode, description: str, details: bytes = b"{}"
    ) -> None:
        if not self._is_closed:
            self._outbox.append(
                frames.encode_error(self.version, call_id, code, description, details)
            )

    def _must_be_open(self) -> None:
        if self._is_closed:
            raise SessionClosed
