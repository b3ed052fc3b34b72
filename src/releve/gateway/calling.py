"""Our calls on one link: each ends exactly once, as a distinct outcome."""

from __future__ import annotations

import asyncio
import re
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import msgspec

from releve.domain.commands import Outcome, Result
from releve.gateway.wheel import Timer
from releve.ocpp import codec
from releve.ocpp.errors import Malformed
from releve.ocpp.messages.base import Message
from releve.ocpp.rpc.events import (
    AnswerMalformed,
    CallAborted,
    CallAnswered,
    CallRefused,
    LateResult,
    PeerComplained,
    ResultRejected,
)
from releve.ocpp.rpc.outgoing import CallQueueFull
from releve.ocpp.rpc.session import SessionClosed

if TYPE_CHECKING:
    from releve.gateway.link import Link


DEEPEST = 64
"""Levels of JSON that are shown to people; OCPP's own messages have eight."""
BUSY = Outcome(result=Result.BUSY, description="Too many calls wait for this station already.")
CLOSING = Outcome(
    result=Result.OFFLINE, description="The connection is closing; the station did not receive it."
)


class Waiting(msgspec.Struct):
    """One call of ours, from its request to its end."""

    action: str
    request: bytes
    future: asyncio.Future[tuple[Outcome, Message | None]]


class Calling:
    """Belongs to one Link."""

    __slots__ = ("_due_at", "_link", "_timer")

    def __init__(self, link: Link) -> None:
        self._link = link
        self._timer: Timer | None = None
        self._due_at = 0.0

    async def call(
        self, action: str, payload: bytes, timeout_s: float
    ) -> tuple[Outcome, Message | None]:
        """Send a CALL and wait for its end; the decoded response beside the outcome when there is one."""
        link = self._link
        if link.socket is None or not link.socket.is_open:
            return CLOSING, None
        waiting = Waiting(action, payload, asyncio.get_running_loop().create_future())
        try:
            link.session.call(action, payload, link.house.clock.monotonic(), timeout_s, waiting)
        except CallQueueFull:
            return BUSY, None
        except SessionClosed:
            return CLOSING, None
        link.flush()
        self._watch()
        return await waiting.future

    def take(self, event: Any) -> bool:
        """Take an event that ends a call of ours, or speaks of one; False if it is none."""
        match event:
            case CallAnswered():
                self._answered(event)
            case CallRefused(token=token, id=id, spelling=spelling, description=description):
                details = _json(event.details)
                outcome = Outcome(
                    result=Result.ERROR, code=spelling, description=description, details=details
                )
                self._end(
                    token,
                    id,
                    outcome,
                    response=bytes(event.details),
                    error=f"{spelling}: {description}",
                )
            case AnswerMalformed(token=token, id=id, bad=bad):
                self._end(
                    token,
                    id,
                    Outcome(result=Result.MALFORMED, description=bad.description),
                    error=bad.description,
                )
            case LateResult(id=id, action=action, payload=payload):
                self._note(
                    action, id, bytes(payload or b""), "dropped", "the answer came after its time"
                )
            case ResultRejected(id=id, spelling=spelling, description=description):
                self._note("CALLRESULTERROR", id, b"", "error", f"{spelling}: {description}")
            case PeerComplained(spelling=spelling, description=description):
                self._note("?", "-1", b"", "error", f"{spelling}: {description}")
            case _:
                return False
        self._watch()
        return True

    def abort(self, aborted: Iterable[CallAborted]) -> None:
        """The connection has ended: so have its calls."""
        if self._timer is not None:
            self._link.house.cancel(self._timer)
            self._timer = None
        for call in aborted:
            said = "may have received it" if call.written else "did not receive it"
            outcome = Outcome(
                result=Result.OFFLINE,
                description=f"The connection ended before the answer; the station {said}.",
            )
            self._end(call.token, call.id, outcome, error="connection ended")

    def _answered(self, event: CallAnswered) -> None:
        version = self._link.dialect.version
        raw = bytes(event.payload)
        try:
            decoded = codec.decode_response_noted(version, event.action, event.payload)
        except Malformed as error:
            self._link.session.reject_result(event.id, error.code, error.description)
            outcome = Outcome(
                result=Result.MALFORMED, description=error.description, payload=_json(event.payload)
            )
            self._end(event.token, event.id, outcome, response=raw, error=error.description)
            return
        outcome = Outcome(
            result=Result.ANSWERED,
            payload=_json(event.payload),
            duration_ms=round(event.waited_s * 1000, 1),
        )
        notes = f"tolerated: {'; '.join(decoded.notes)}" if decoded.notes else ""
        self._end(event.token, event.id, outcome, decoded.message, response=raw, error=notes)

    def _end(
        self,
        token: object,
        message_id: str,
        outcome: Outcome,
        message: Message | None = None,
        *,
        response: bytes = b"",
        error: str = "",
    ) -> None:
        assert isinstance(token, Waiting)
        house = self._link.house
        house.journal.write(
            self._link.station,
            house.clock.now(),
            inbound=False,
            action=token.action,
            message_id=message_id,
            request=token.request,
            response=response,
            outcome=outcome.result.value,
            error=error,
            duration_ms=outcome.duration_ms,
        )
        if not token.future.done():
            token.future.set_result((outcome, message))

    def _note(self, action: str, message_id: str, text: bytes, outcome: str, error: str) -> None:
        house = self._link.house
        house.journal.write(
            self._link.station,
            house.clock.now(),
            inbound=True,
            action=action,
            message_id=message_id,
            request=text,
            outcome=outcome,
            error=error,
        )

    def _watch(self) -> None:
        """Have the open call's deadline looked at; one timer per link, moved with the open call."""
        deadline = self._link.session.next_deadline()
        if deadline is None:
            return
        house = self._link.house
        if self._timer is not None:
            if self._due_at <= deadline:
                return  # it rings too early and is set again then: cheaper than moving it at each call
            house.cancel(self._timer)
        self._due_at = deadline
        self._timer = house.after(max(0.0, deadline - house.clock.monotonic()), self._due)

    def _due(self) -> None:
        self._timer = None
        link = self._link
        while (timed_out := link.session.tick(link.house.clock.monotonic())) is not None:
            outcome = Outcome(
                result=Result.TIMEOUT,
                description="The station did not answer in time; whether it took effect is unknown.",
            )
            self._end(timed_out.token, timed_out.id, outcome, error="no answer")
        link.flush()
        self._watch()


def _json(raw: Any) -> Any:
    """What a station sent, for people to read; None when it is no JSON, or nested too deep to be any of OCPP's."""
    text = bytes(raw)
    if text.count(b"[") + text.count(b"{") > DEEPEST and _depth(text) > DEEPEST:
        return None
    try:
        return msgspec.json.decode(text)
    except (msgspec.DecodeError, ValueError):
        return None


def _depth(text: bytes) -> int:
    """How deep brackets are nested; those in strings do not count."""
    deepest = depth = 0
    for mark in re.findall(rb'"(?:[^"\\]|\\.)*"|[\[{]|[\]}]', text):
        if mark in b"[{":
            depth += 1
            deepest = max(deepest, depth)
        elif mark in b"]}":
            depth -= 1
    return deepest
