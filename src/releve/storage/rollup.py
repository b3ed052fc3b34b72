"""Old meter samples become quarters of an hour, a few hundred at a time.

A step reads samples of one quarter, then hands the committer one unit: quarters written, the very samples that were
read deleted. One transaction: a crash between leaves either the samples or the quarters. A sample that arrives
meanwhile is not deleted, because it was not read; the next sweep adds it to its quarter.

What stays as it came: samples with a signed reading (its text is evidence), and everything of a transaction that has
not ended. Totals do not change, see `rolled.py`.

One process at a time may do this on a database: two would each write the quarter as they have read it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select, tuple_

from releve.storage.backend import Backend
from releve.storage.queries import Query, value
from releve.storage.rolled import Part, Point, fold, part_of
from releve.storage.tables import NONE, rolled_samples, samples, transactions
from releve.storage.tables.charging import OPEN
from releve.storage.times import BUCKET_US
from releve.storage.unit import Unit
from releve.storage.writes import delete, merge

STEP = 500
"""Samples in one step: some milliseconds of the batch that they ride with."""
PAUSE_S = 0.02
"""Between two steps, so that the disk is mostly others'."""

_KEY = ("bucket", "station_id", "evse", "transaction_id", "part")
_SAMPLE_KEY = ("bucket", "station_id", "evse", "at", "digest")
WRITE = merge(rolled_samples, (*_KEY, "operator_id", *Part._fields), _KEY)
REMOVE = delete(samples, _SAMPLE_KEY)

s, r = samples.c, rolled_samples.c
_PLACE = (s.station_id, s.evse, s.at, s.digest)
NEXT_BUCKET = Query(
    select(func.min(s.bucket)).where(s.bucket > value("after"), s.bucket < value("before"))
)
SAMPLES = Query(
    select(*_PLACE, s.operator_id, s.transaction_id, s.readings, *(s[n] for n in Point._fields))
    .where(
        s.bucket == value("bucket"),
        tuple_(*_PLACE)
        > tuple_(value("station"), value("evse"), value("at_after"), value("digest_after")),
    )
    .order_by(*_PLACE)
    .limit(STEP)
)
# The station is named for the index: not every open transaction that there is.
STILL_OPEN = Query(
    select(transactions.c.id).where(OPEN, transactions.c.station_id.between(value("a"), value("b")))
)
ROLLED = Query(
    select(r.station_id, r.evse, r.transaction_id, *(r[name] for name in Part._fields)).where(
        r.bucket == value("bucket"), r.station_id.between(value("a"), value("b"))
    )
)

Submit = Callable[[Unit], Awaitable[None]]
"""Brings a unit to disk, or raises StoreFailed."""
Place = tuple[int, int, int, int]
"""Station, EVSE, time and digest of a sample: where a step begins."""
Group = tuple[int, int, int]
"""Station, EVSE, transaction (or NONE)."""
FIRST: Place = (-(1 << 63), -(1 << 63), -(1 << 63), -(1 << 63))


@dataclass(slots=True)
class Rolled:
    """What one sweep did: samples read and removed, parts written."""

    read: int = 0
    removed: int = 0
    written: int = 0


class Rollup:
    """Sweeps from the oldest quarter on. Keeps its place: what had to stay is looked at again after the next start."""

    def __init__(self, backend: Backend, submit: Submit) -> None:
        self._backend = backend
        self._submit = submit
        self._done = -(1 << 62)

    async def sweep(self, before_us: int, pause_s: float = PAUSE_S) -> Rolled:
        """Roll up every quarter that ended before this time. StoreFailed when the store does; nothing is lost then."""
        done = Rolled()
        before = before_us // BUCKET_US
        while (bucket := await self._next(before)) is not None:
            place: Place | None = FIRST
            while place is not None:
                place = await self._step(bucket, place, done)
                await asyncio.sleep(pause_s)
            self._done = bucket
        return done

    async def _next(self, before: int) -> int | None:
        ((bucket,),) = await self._backend.fetch(NEXT_BUCKET, after=self._done, before=before)
        return None if bucket is None else int(bucket)

    async def _step(self, bucket: int, after: Place, done: Rolled) -> Place | None:
        """Some samples of a quarter; where the next step begins, None at its end."""
        station, evse, at, digest = after
        rows = await self._backend.fetch(
            SAMPLES, bucket=bucket, station=station, evse=evse, at_after=at, digest_after=digest
        )
        if not rows:
            return None
        done.read += len(rows)
        span = {"a": rows[0][0], "b": rows[-1][0]}
        still_open = {row[0] for row in await self._backend.fetch(STILL_OPEN, **span)}
        going = [row for row in rows if row[5] not in still_open and not signed(row[6])]
        if going:
            known = await self._backend.fetch(ROLLED, bucket=bucket, **span)
            unit = unit_of(bucket, going, known)
            await self._submit(unit)
            done.removed += len(going)
            done.written += len(unit.items) - len(going)
        return rows[-1][:4] if len(rows) == STEP else None


def signed(readings: str) -> bool:
    """Whether a reading keeps its text (`domain.meter.Reading.text`): signed, or no number."""
    return '"text":' in readings


def unit_of(
    bucket: int, going: Sequence[tuple[Any, ...]], known: Sequence[tuple[Any, ...]]
) -> Unit:
    """What one transaction does: these samples into their quarters, beside what stands there already."""
    unit = Unit()
    groups: dict[Group, list[Part]] = defaultdict(list)
    operators: dict[Group, int] = {}
    for station, evse, at, digest, operator, transaction, _, *values in going:
        group = (station, evse, NONE if transaction is None else transaction)
        groups[group].append(part_of(Point(*values)))
        operators[group] = operator
        key = (bucket, station, evse, at, digest)
        unit.write(REMOVE, key, key, 64)
    for station, evse, transaction, *values in known:
        if (group := (station, evse, transaction)) in operators:
            groups[group].append(Part(*values))
    for group, parts in groups.items():
        for place, part in enumerate(fold(parts)):
            own = (bucket, *group, place)
            unit.write(WRITE, (*own, operators[group], *part), own)
    return unit
