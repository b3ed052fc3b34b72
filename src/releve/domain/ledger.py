"""What a transaction amounts to, from its facts. Pure, and independent of the order in which the facts arrived."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from itertools import pairwise

import msgspec

from releve.domain.anomaly import AnomalyKind

PLAUSIBLE_FROM = datetime(2015, 1, 1, tzinfo=UTC)
PLAUSIBLE_AHEAD = timedelta(days=1)
JUMP_W = 1_500_000.0
"""No EVSE delivers more than this; the bound used where the EVSE's rated power is not known. W."""


ROUNDING_WH = 1.0
"""1.6 gives registers at start and end in whole Wh, samples between with decimals: less is no fall."""


class Point(msgspec.Struct, frozen=True, order=True):
    """A register reading: station's time and Wh."""

    at: datetime
    wh: float


class Reckoning(msgspec.Struct, frozen=True):
    """energy_wh is None when the facts contradict each other: then a person decides, not a formula."""

    energy_wh: float | None
    problems: tuple[AnomalyKind, ...] = ()

    @property
    def held(self) -> bool:
        return bool(self.problems)


def plausible(at: datetime, received_at: datetime) -> bool:
    """Whether a station's time can be believed: not before 2015, not more than a day ahead of its receipt."""
    return PLAUSIBLE_FROM <= at <= received_at + PLAUSIBLE_AHEAD


def effective(at: datetime, received_at: datetime) -> datetime:
    """The time that counts: the station's where it is plausible, else that of receipt."""
    return at if plausible(at, received_at) else received_at


def running_energy(start_wh: float | None, last_wh: float | None) -> float | None:
    """Energy so far of an open transaction, Wh; None when unknown or when the register fell."""
    if start_wh is None or last_wh is None or last_wh < start_wh - ROUNDING_WH:
        return None
    return max(0.0, last_wh - start_wh)


def reckon(
    start_wh: float | None,
    stop_wh: float | None,
    points: Iterable[Point] = (),
    *,
    jump_w: float = JUMP_W,
) -> Reckoning:
    """Energy of an ended transaction.

    start_wh, stop_wh: registers reported with its start and end. points: registers between, any order, duplicates
    allowed. The register has to rise from start through every point to the end; where it does not, or rises faster
    than `jump_w`, the energy is held.
    """
    ordered = sorted(set(points))
    first = start_wh if start_wh is not None else (ordered[0].wh if ordered else None)
    last = stop_wh if stop_wh is not None else (ordered[-1].wh if ordered else None)
    missing = start_wh is None or stop_wh is None
    if first is None or last is None or (missing and len(ordered) < 2):
        return Reckoning(None, (AnomalyKind.METER_MISSING,))
    problems: list[AnomalyKind] = []
    values = [first, *(p.wh for p in ordered), last]
    if any(b < a - ROUNDING_WH for a, b in pairwise(values)):
        problems.append(AnomalyKind.METER_WENT_BACK)
    if _jumps(ordered, jump_w):
        problems.append(AnomalyKind.METER_JUMP)
    if missing:
        problems.append(AnomalyKind.METER_MISSING)
    fell = last < first - ROUNDING_WH
    return Reckoning(None if fell else max(0.0, last - first), tuple(problems))


GRANTED = timedelta(minutes=15)
"""Stations set their clocks while they charge, and round: no transaction is called too short below this."""


def too_fast(energy_wh: float, began: datetime, ended: datetime, *, jump_w: float = JUMP_W) -> bool:
    """Whether so much energy cannot have been delivered from `began` to `ended`."""
    return energy_wh > jump_w * (max(GRANTED, ended - began) / timedelta(hours=1))


def _jumps(ordered: list[Point], jump_w: float) -> bool:
    for a, b in pairwise(ordered):
        hours = (b.at - a.at).total_seconds() / 3600
        if hours > 0 and (b.wh - a.wh) / hours > jump_w:
            return True
    return False
