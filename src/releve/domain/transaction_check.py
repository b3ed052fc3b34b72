"""Asking a station how a transaction stands (E14), and what its answer means for what is missing here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

from releve.domain.commands import Command
from releve.domain.ids import CheckId, OperatorId, StationId, TransactionId
from releve.domain.transaction import TransactionState


class GetTransactionStatus(Command, frozen=True, kw_only=True):
    """Ask whether a transaction runs and whether messages about it wait at the station.

    reference None: only whether any message about any transaction waits.
    """

    reference: str | None = None


class Finding(StrEnum):
    """What a check came to. Each member's comment is what documentation and console say of it."""

    RUNNING = "running"
    """It runs, as was known, and nothing is missing."""
    WAITING = "waiting"
    """The station still has messages about it: they are waited for."""
    REOPENED = "reopened"
    """It runs, though it was presumed ended: it is active again."""
    CLOSED = "closed"
    """It has ended and the station has nothing more to tell: its end was lost. It was closed at its last reading."""
    LOST = "lost"
    """Messages about it were lost for good: the station has none left."""
    SETTLED = "settled"
    """It has ended, and all is known of it."""
    FAILED = "failed"
    """The station gave no usable answer."""


class TransactionCheck(msgspec.Struct, frozen=True, kw_only=True):
    """One question about a transaction, and what was done."""

    id: CheckId
    operator: OperatorId
    station: StationId
    transaction: TransactionId
    at: datetime
    by: str = ""
    """Who asked; empty: the system by itself."""
    finding: Finding
    ongoing: bool | None = None
    queued: bool | None = None
    description: str = ""
    """How the call failed, when it did."""


def finding(
    state: TransactionState, *, gaps: bool, ended_for_sure: bool, ongoing: bool | None, queued: bool
) -> Finding:
    """What a station's answer means for a transaction as it is known here.

    gaps: events are missing between those that came. ended_for_sure: its end was reported.
    """
    if queued:
        return Finding.WAITING  # E14.FR.04: what is missing is still to come
    if ongoing:
        if state is TransactionState.PRESUMED_ENDED:
            return Finding.REOPENED
        return Finding.LOST if gaps or ended_for_sure else Finding.RUNNING
    if not ended_for_sure:
        return Finding.CLOSED
    return Finding.LOST if gaps else Finding.SETTLED
