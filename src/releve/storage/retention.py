"""Old rows that were only kept for looking at: the message log and the outbox."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Table, delete, func, select

from releve.storage.backend import Backend
from releve.storage.tables import message_log, outbox, sign_ins
from releve.storage.times import DAY_US, micros

STEP = 1_000
"""Rows in one transaction: some milliseconds, between which the committer has its turn."""


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
