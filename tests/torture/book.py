"""What the stations themselves know: every transaction, and every message of it that was acknowledged."""

from __future__ import annotations

from dataclasses import dataclass, field


@dataclass(slots=True)
class Charge:
    """One transaction, as its station saw it. Energies are register values, Wh; times microseconds since the epoch."""

    reference: str
    begun_wh: float
    begun_us: int
    samples: set[tuple[int, float]] = field(default_factory=set)
    """Acknowledged meter values: (time, register)."""
    events: set[tuple[str, int]] = field(default_factory=set)
    """Acknowledged messages about it: (kind, sequence number; -1 in 1.6)."""
    ended_wh: float | None = None
    """None until its end was acknowledged."""


@dataclass(slots=True)
class Book:
    """One station's account."""

    identity: str
    charges: list[Charge] = field(default_factory=list)
    acknowledged: int = 0
    """Answers to messages that matter, since the beginning."""
    faults: list[str] = field(default_factory=list)
    """Answers that no station may get: errors of our making, refusals, contradictions."""
