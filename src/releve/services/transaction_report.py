"""A 2.x TransactionEvent as the ledger takes it, what of it changes a transaction's row, and how it is answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec

from releve.domain.limits import Limit
from releve.domain.meter import MeterSample
from releve.domain.notice import Notice
from releve.domain.station import ChargingState
from releve.domain.token import IdToken, Judgement
from releve.domain.transaction import EventKind, Transaction
from releve.services.digests import digest
from releve.services.live import LiveTransaction

TRANSACTION_BEGIN = "Transaction.Begin"
TRANSACTION_END = "Transaction.End"
STOP_AUTHORIZED = "StopAuthorized"
MASTER_PASS = "MasterPass"  # noqa: S105 - a reason


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A TransactionEvent. Absent values were not sent: each is told once, in any event (E01, E02, E03)."""

    kind: EventKind
    reference: str
    seq_no: int
    at: datetime
    trigger: str
    offline: bool = False
    evse: int | None = None
    connector: int | None = None
    token: IdToken | None = None
    charging: ChargingState | None = None
    stop_reason: str | None = None
    remote_start_id: int | None = None
    reservation_id: int | None = None
    samples: tuple[MeterSample, ...] = ()
    limit: Limit | None = None
    """What the station says of limits (2.1 E16.FR.01, E16.FR.03)."""
    answers_limits: bool = False
    """Whether the answer can carry a limit (2.1)."""
    operation_mode: str | None = None


class Answer(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a TransactionEvent is answered with; most have none of it."""

    judgement: Judgement | None = None
    """Of the event's token (E01.FR.12, E02.FR.02, E03.FR.02, E05.FR.01)."""
    limit: Limit | None = None
    """What the station has to keep to (E16.FR.02, E16.FR.07)."""
    notice: Notice | None = None
    """What its display shall show."""


def concerns_driver(row: Transaction, report: Report, judgement: Judgement | None) -> bool:
    """Whether there is anything to answer or to settle but the event itself. Rarely: this runs for every event."""
    return (
        judgement is not None
        or row.limits is not None
        or row.notice is not None
        or report.limit is not None
        or report.remote_start_id is not None
        or report.reservation_id is not None
    )


def answer_of(
    judgement: Judgement | None, limit: Limit | None, notice: Notice | None
) -> Answer | None:
    """None when there is nothing to say."""
    if judgement is None and limit is None and notice is None:
        return None
    return Answer(judgement=judgement, limit=limit, notice=notice)


def next_notice(live: LiveTransaction, report: Report) -> Notice | None:
    """The text that waits for the driver, once; a later event shows that it has arrived."""
    notice = live.row.notice
    if notice is None:
        return None
    if notice.told_in is None:
        live.row = msgspec.structs.replace(
            live.row, notice=msgspec.structs.replace(notice, told_in=report.seq_no)
        )
        return notice
    if report.seq_no > notice.told_in:
        live.row = msgspec.structs.replace(live.row, notice=None)
    return None


def stops(report: Report) -> bool:
    """Whether the event's token is the one that stopped, not the one that began (E07)."""
    return report.trigger == STOP_AUTHORIZED or report.stop_reason == MASTER_PASS  # C16.FR.08


def told(row: Transaction, report: Report, *, newest: bool) -> dict[str, Any]:
    """The fields of the row that an event changes. Most change none: then the row need not be copied."""
    changes: dict[str, Any] = {}
    if report.evse is not None and report.evse != row.evse:
        changes["evse"] = report.evse
    if report.connector is not None and report.connector != row.connector:
        changes["connector"] = report.connector
    if report.offline and not row.offline:
        changes["offline"] = True
    if newest and report.charging is not None and report.charging is not row.charging:
        changes["charging"] = report.charging
    if report.remote_start_id is not None:
        changes["remote_start_id"] = report.remote_start_id
    if report.reservation_id is not None:
        changes["reservation_id"] = report.reservation_id
    if newest and report.operation_mode is not None and report.operation_mode != row.operation_mode:
        changes["operation_mode"] = report.operation_mode
    return changes


def with_token(
    row: Transaction, live: LiveTransaction, report: Report, judgement: Judgement | None
) -> Transaction:
    """The token that began is that of the earliest event that carries one; a later one only stops (E07)."""
    if report.token is None or judgement is None:
        return row
    if stops(report):
        return msgspec.structs.replace(row, stop_token=report.token.value)
    if live.token_seq is not None and report.seq_no > live.token_seq:
        return row
    if row.token is not None and live.token_seq is None:
        return row  # loaded from the store: known from before
    live.token_seq = report.seq_no
    return msgspec.structs.replace(
        row,
        token=report.token.value,
        token_type=report.token.type,
        token_group=judgement.group,
        verdict=judgement.verdict,
    )


def with_registers(row: Transaction, report: Report) -> Transaction:
    """Registers at start and end: the readings marked so, else those of the first and the last event."""
    begin = _register(report.samples, TRANSACTION_BEGIN)
    end = _register(report.samples, TRANSACTION_END)
    if begin is None and report.kind is EventKind.STARTED and report.samples:
        begin = report.samples[0].energy_wh
    if end is None and report.kind is EventKind.ENDED and report.samples:
        end = report.samples[-1].energy_wh
    if begin is None and end is None:
        return row
    return msgspec.structs.replace(
        row,
        meter_start_wh=row.meter_start_wh if begin is None else begin,
        meter_stop_wh=row.meter_stop_wh if end is None else end,
    )


def _register(samples: Sequence[MeterSample], context: str) -> float | None:
    for sample in samples:
        for reading in sample.readings:
            if reading.context == context and sample.energy_wh is not None:
                return sample.energy_wh
    return None


def digest_of(report: Report) -> str:
    """Of the content without `offline`: a queued event becomes an offline one by the time it is sent again."""
    more = () if report.limit is None else (report.limit,)
    return digest(
        report.kind,
        report.at,
        report.trigger,
        report.evse,
        report.token,
        report.charging,
        report.stop_reason,
        report.samples,
        *more,
    )
