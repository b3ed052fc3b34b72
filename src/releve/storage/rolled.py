"""What a quarter of an hour of meter samples amounts to. Pure.

The ledger looks at each pair of neighbouring registers: did the meter fall, did it leap? A part is a run of samples in
which it did neither; only its first and last registers are kept. Every pair that means something is then still a pair
of neighbours, between two parts, and what `domain.ledger.reckon` says of the parts is what it said of the samples.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from releve.domain.ledger import JUMP_W

HOUR_US = 3_600_000_000
NOTHING = float("-inf")


class Part(NamedTuple):
    """A run of samples of one quarter, EVSE and transaction; fields as the columns of `rolled_samples`.

    Times in microseconds since the epoch. samples: how many. energy_from_wh, energy_wh: first and last register;
    power_w: mean of `powers` samples that had one; current_a: the highest; export_wh, voltage_v, soc_pct: the last.
    """

    samples: int
    from_at: int
    at: int
    received_at: int
    energy_from_at: int | None
    energy_from_wh: float | None
    energy_at: int | None
    energy_wh: float | None
    export_wh: float | None
    powers: int
    power_w: float | None
    power_max_w: float | None
    current_a: float | None
    voltage_v: float | None
    soc_pct: float | None


class Point(NamedTuple):
    """A sample, as its row has it."""

    at: int
    received_at: int
    energy_wh: float | None
    export_wh: float | None
    power_w: float | None
    current_a: float | None
    voltage_v: float | None
    soc_pct: float | None


def part_of(point: Point) -> Part:
    """A sample alone."""
    energy_at = None if point.energy_wh is None else point.at
    return Part(
        samples=1,
        from_at=point.at,
        at=point.at,
        received_at=point.received_at,
        energy_from_at=energy_at,
        energy_from_wh=point.energy_wh,
        energy_at=energy_at,
        energy_wh=point.energy_wh,
        export_wh=point.export_wh,
        powers=int(point.power_w is not None),
        power_w=point.power_w,
        power_max_w=point.power_w,
        current_a=point.current_a,
        voltage_v=point.voltage_v,
        soc_pct=point.soc_pct,
    )


def fold(parts: Iterable[Part]) -> list[Part]:
    """Join neighbours wherever nothing is lost by it. Any order in; by time out.

    Folding what was folded with more samples in between never gives fewer parts: a fall stays a fall, and of a leap
    that is cut in two one half is a leap.
    """
    ordered = sorted(parts, key=_start)
    crossed = _crossed(ordered)
    found: list[Part] = []
    free = False
    for part, is_crossed in zip(ordered, crossed, strict=True):
        if free and not is_crossed and _continues(found[-1], part):
            found[-1] = _joined(found[-1], part)
        else:
            found.append(part)
        free = not is_crossed
    return found


def _crossed(ordered: list[Part]) -> list[bool]:
    """Which parts others lie in, or lie in others: late samples, in the middle of what was folded already.

    Their ends are neighbours of what lies within, and have to stay.
    """
    crossed = [False] * len(ordered)
    latest = -1  # the place of the part that ends last, of those before
    for place, part in enumerate(ordered):
        if latest >= 0 and _start(part) < _end(ordered[latest]):
            crossed[place] = crossed[latest] = True
        if latest < 0 or _end(part) > _end(ordered[latest]):
            latest = place
    return crossed


def _start(part: Part) -> tuple[int, float]:
    """As the ledger orders registers: by time, then value."""
    return part.from_at, part.energy_from_wh if part.energy_from_wh is not None else NOTHING


def _end(part: Part) -> tuple[int, float]:
    return part.at, part.energy_wh if part.energy_wh is not None else NOTHING


def _continues(before: Part, after: Part) -> bool:
    """Whether the register neither fell nor leapt between two neighbours."""
    a, b = before.energy_wh, after.energy_from_wh
    if a is None or b is None:
        return True
    if b < a:
        return False
    assert before.energy_at is not None
    assert after.energy_from_at is not None
    hours = (after.energy_from_at - before.energy_at) / HOUR_US
    if hours <= 0:
        return (
            a == b
        )  # two values at one instant: the ledger sees no leap between them, but from each to others
    return (b - a) / hours <= JUMP_W


def _joined(before: Part, after: Part) -> Part:
    measured = before.energy_from_wh is not None
    later = after.energy_wh is not None
    powers = before.powers + after.powers
    return Part(
        samples=before.samples + after.samples,
        from_at=before.from_at,
        at=after.at,
        received_at=max(before.received_at, after.received_at),
        energy_from_at=before.energy_from_at if measured else after.energy_from_at,
        energy_from_wh=before.energy_from_wh if measured else after.energy_from_wh,
        energy_at=after.energy_at if later else before.energy_at,
        energy_wh=after.energy_wh if later else before.energy_wh,
        export_wh=_newer(before.export_wh, after.export_wh),
        powers=powers,
        power_w=_mean(before, after, powers),
        power_max_w=_highest(before.power_max_w, after.power_max_w),
        current_a=_highest(before.current_a, after.current_a),
        voltage_v=_newer(before.voltage_v, after.voltage_v),
        soc_pct=_newer(before.soc_pct, after.soc_pct),
    )


def _newer(before: float | None, after: float | None) -> float | None:
    return before if after is None else after


def _highest(a: float | None, b: float | None) -> float | None:
    if a is None or b is None:
        return a if b is None else b
    return max(a, b)


def _mean(before: Part, after: Part, powers: int) -> float | None:
    if not powers:
        return None
    # Weights first: a sum of stations' numbers could leave the range of a float.
    return (before.power_w or 0.0) * (before.powers / powers) + (after.power_w or 0.0) * (
        after.powers / powers
    )
