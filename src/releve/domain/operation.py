"""Anything asked of a station that takes time: followed, listed and waited for, and it survives restarts."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

import msgspec

from releve.domain.ids import OperationId, OperatorId, StationId

CONFIDENTIAL = frozenset({"customer-information"})
"""Kinds whose parts say what only administrators may know: a person's data (N09)."""


class OperationState(StrEnum):
    ASKED = "asked"
    """Written down; the station has not answered the request yet."""
    RUNNING = "running"
    """The station took it on."""
    DONE = "done"
    FAILED = "failed"
    """The station refused it or reported that it went wrong; `problem` says what."""
    CANCELLED = "cancelled"
    EXPIRED = "expired"
    """Nothing was heard of it within its patience. What comes later is still taken in."""

    @property
    def ended(self) -> bool:
        """Nothing more is expected."""
        return self not in (OperationState.ASKED, OperationState.RUNNING)


class Operation(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One request and what came of it.

    kind: what it is, in kebab-case (base-report, firmware-update). status: the station's last word about it.
    arguments: what was asked for. result: what came out, once it ended (or the failed outcome).
    """

    id: OperationId
    operator: OperatorId
    station: StationId
    kind: str
    state: OperationState = OperationState.ASKED
    request_id: int
    """31 bits; correlates notifications with it (requestId, id, remoteStartId)."""
    status: str = ""
    problem: str = ""
    by: str = ""
    """Who asked: name of the person or key."""
    arguments: dict[str, Any] = {}
    result: dict[str, Any] = {}
    parts: int = 0
    """Parts that have come of a multi-part answer."""
    last_part: int | None = None
    """seqNo of the part that said that nothing follows (tbc false)."""
    created_at: datetime
    updated_at: datetime
    deadline_at: datetime

    @property
    def ended(self) -> bool:
        """Nothing more is expected."""
        return self.state.ended


class OperationPart(msgspec.Struct, frozen=True, kw_only=True):
    """One part of a multi-part answer, as it came (wire names)."""

    operation: OperationId
    operator: OperatorId
    seq_no: int
    received_at: datetime
    content: dict[str, Any]
