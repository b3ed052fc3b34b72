"""Old rows that were only kept for looking at: the message log and the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, func, select, update

from releve.domain.diagnostics import CUSTOMER
from releve.storage.backend import Backend
from releve.storage.tables import (
    file_passes,
    message_log,
    operation_parts,
    operations,
    outbox,
    sign_ins,
    station_events,
    stream_values,
)
from releve.storage.times import DAY_US, micros

STEP = 1_000
"""Rows in one transaction: some milliseconds, between which the committer has its turn."""


PASS_DAYS = 7


@dataclass(frozen=True, slots=True)
class Pruned:
    """How many rows went."""

    log: int
    outbox: int
    sign_ins: int


async def prune(backend: Backend, now: datetime, log_days: int, outbox_days: int) -> Pruned:
    """Delete lines of the message log and events older than so many days, and expired sign-ins.

    The newest event always stays: its id is where the next one counts on from.
    """
    at = micros(now)
    last = select(func.max(outbox.c.id)).scalar_subquery()
    return Pruned(
        log=await _older(backend, message_log, at - log_days * DAY_US),
        outbox=await _older(backend, outbox, at - outbox_days * DAY_US, outbox.c.id < last),
        sign_ins=await backend.execute(delete(sign_ins).where(sign_ins.c.expires_at < at)),
    )


async def prune_upkeep(
    backend: Backend, now: datetime, event_days: int, customer_days: int
) -> None:
    """Delete events and values of streams older than so many days, passes that expired a week ago, and the personal
    part of what was asked of stations about customers: parts, arguments and results. That it was asked stays."""
    at = micros(now)
    before = at - event_days * DAY_US
    while await backend.execute(
        delete(station_events).where(
            station_events.c.id.in_(
                select(station_events.c.id)
                .where(station_events.c.received_at < before)
                .order_by(station_events.c.id)
                .limit(STEP)
            )
        )
    ):
        continue
    await backend.execute(delete(stream_values).where(stream_values.c.received_at < before))
    await backend.execute(
        delete(file_passes).where(file_passes.c.expires_at < at - PASS_DAYS * DAY_US)
    )
    old = (operations.c.kind == CUSTOMER) & (operations.c.updated_at < at - customer_days * DAY_US)
    asked = select(operations.c.id).where(old)
    await backend.execute(delete(operation_parts).where(operation_parts.c.operation_id.in_(asked)))
    await backend.execute(
        update(operations)
        .where(old, operations.c.arguments != "{}")
        .values(arguments="{}", result="{}")
    )


async def _older(backend: Backend, table: Table, before_us: int, *more: object) -> int:
    """Delete by id, lowest first: ids grow with time, so the old rows are found where the table begins."""
    gone = 0
    while True:
        first = select(table.c.id, table.c.at).order_by(table.c.id).limit(STEP).subquery()
        old = select(first.c.id).where(first.c.at < before_us)
        count = await backend.execute(delete(table).where(table.c.id.in_(old), *more))  # type: ignore[arg-type]
        gone += count
        if count < STEP:
            return gone
