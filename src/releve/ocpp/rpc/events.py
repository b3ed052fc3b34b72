"""What a session tells its owner: one event for each frame received, one end for each call made.

A call that we make ends exactly once, in one of: CallAnswered, CallRefused, AnswerMalformed,
CallTimedOut, CallAborted. `token` is whatever the caller gave, handed back untouched. (Events that
carry one stay visible to the garbage collector: a token that is a future holds the event, which
holds the token.)
"""

from __future__ import annotations

from enum import StrEnum
from typing import TypeAlias

import msgspec

from releve.ocpp.errors import ErrorCode
from releve.ocpp.rpc.frames import Call, Send
from releve.ocpp.rpc.malformed import BadFrame

CallReceived: TypeAlias = Call
"""A CALL to handle now: end it with `Session.answer` or `Session.refuse`.

It is the frame itself, because a second object for each message would say nothing more."""

SendReceived: TypeAlias = Send
"""A SEND to handle (2.1). It must not be answered."""


class DropReason(StrEnum):
    """Why a frame had no effect."""

    UNSOLICITED = "unsolicited"
    """An answer to no call of ours that is open or lately timed out."""
    NOT_A_SEND = "not a send"
    """A SEND of an action that does not travel as SEND, or not in this direction."""
    CLOSED = "closed"
    """It came after `Session.close`."""


class CallQueued(msgspec.Struct, frozen=True, gc=False):
    """A CALL waits for the one in progress; `answer` or `refuse` will hand it out in its turn."""

    id: str
    action: str


class Retransmitted(msgspec.Struct, frozen=True, gc=False):
    """The peer sent the same CALL again: same id, same content.

    `answered` says that the stored answer was written once more; otherwise the CALL is still in
    progress, and its one answer will serve.
    """

    id: str
    action: str
    answered: bool


class CallTurnedAway(msgspec.Struct, frozen=True, gc=False):
    """A CALL of an action that this side cannot receive; a CALLERROR was written."""

    id: str
    action: str
    code: ErrorCode


class FrameMalformed(msgspec.Struct, frozen=True, gc=False):
    """A frame that could not be used. `answered` says that a CALLERROR was written."""

    bad: BadFrame
    answered: bool


class Overrun(msgspec.Struct, frozen=True, gc=False):
    """A CALL beyond what the queue holds. It was neither kept nor answered.

    Close the connection: a CALLERROR could make a station drop a transaction message for good,
    whereas after a broken connection it keeps its queue and sends again. To avoid coming here, stop
    reading while `Session.is_congested`.
    """

    id: str
    action: str


class CallAnswered(msgspec.Struct, frozen=True):
    """Our call was answered by CALLRESULT, `waited_s` seconds after it was written."""

    token: object
    id: str
    action: str
    payload: msgspec.Raw
    waited_s: float


class CallRefused(msgspec.Struct, frozen=True):
    """Our call was answered by CALLERROR. `spelling` is the code as the peer wrote it."""

    token: object
    id: str
    action: str
    code: ErrorCode
    spelling: str
    description: str
    details: msgspec.Raw


class AnswerMalformed(msgspec.Struct, frozen=True):
    """Our call was answered by something that cannot be read; whether it took effect is unknown."""

    token: object
    id: str
    action: str
    bad: BadFrame


class CallTimedOut(msgspec.Struct, frozen=True):
    """Our call was written and not answered in its time; whether it took effect is unknown."""

    token: object
    id: str
    action: str


class CallAborted(msgspec.Struct, frozen=True):
    """The session closed before our call ended. Only if `written` may the peer have received it."""

    token: object
    id: str
    action: str
    written: bool


class LateResult(msgspec.Struct, frozen=True):
    """An answer to a call that had already ended by timing out. It changes nothing, but it is news.

    `payload` is that of a CALLRESULT, None if it was a CALLERROR.
    """

    token: object
    id: str
    action: str
    payload: msgspec.Raw | None


class ResultRejected(msgspec.Struct, frozen=True, gc=False):
    """CALLRESULTERROR (2.1): the peer could not process our CALLRESULT of this id."""

    id: str
    code: ErrorCode
    spelling: str
    description: str
    details: msgspec.Raw


class PeerComplained(msgspec.Struct, frozen=True, gc=False):
    """CALLERROR with the id "-1": the peer could not read the id of something that we sent."""

    code: ErrorCode
    spelling: str
    description: str
    details: msgspec.Raw


class Dropped(msgspec.Struct, frozen=True, gc=False):
    """A frame without effect. `id` is its message id, empty where it was not looked at."""

    reason: DropReason
    id: str = ""


Event: TypeAlias = (
    CallReceived
    | SendReceived
    | CallQueued
    | Retransmitted
    | CallTurnedAway
    | FrameMalformed
    | Overrun
    | CallAnswered
    | CallRefused
    | AnswerMalformed
    | LateResult
    | ResultRejected
    | PeerComplained
    | Dropped
)
"""What `Session.receive` may return."""
