"""OCPP's remote procedure calls over text frames, without I/O: see `releve.ocpp.rpc.session`."""

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
    SendReceived,
)
from releve.ocpp.rpc.ids import MessageIds
from releve.ocpp.rpc.malformed import BadFrame
from releve.ocpp.rpc.outgoing import CallQueueFull
from releve.ocpp.rpc.retransmission import AnsweredCalls
from releve.ocpp.rpc.session import (
    DEFAULT_LIMITS,
    Limits,
    NotInProgress,
    Session,
    SessionClosed,
)
from releve.ocpp.rpc.vocabulary import Role

__all__ = [
    "DEFAULT_LIMITS",
    "AnswerMalformed",
    "AnsweredCalls",
    "BadFrame",
    "CallAborted",
    "CallAnswered",
    "CallQueueFull",
    "CallQueued",
    "CallReceived",
    "CallRefused",
    "CallTimedOut",
    "CallTurnedAway",
    "Counters",
    "DropReason",
    "Dropped",
    "Event",
    "FrameMalformed",
    "LateResult",
    "Limits",
    "MessageIds",
    "NotInProgress",
    "Overrun",
    "PeerComplained",
    "ResultRejected",
    "Retransmitted",
    "Role",
    "SendReceived",
    "Session",
    "SessionClosed",
]
