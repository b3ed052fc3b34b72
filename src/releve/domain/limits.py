"""Limits of a transaction in energy, time, cost and state of charge (E16): who set them, and whose word counts.

A station may set limits (a driver entered them), and so may the operator; the operator has the last word. Once set, a
limit cannot be taken away, only changed (E16.FR.17).
"""

from __future__ import annotations

from collections.abc import Collection
from decimal import Decimal
from typing import Any

import msgspec

KINDS = ("energy_wh", "time_s", "cost", "soc_pct")
WIRE_NAMES = {
    "maxenergy": "energy_wh",
    "maxtime": "time_s",
    "maxlength": "time_s",  # so called in one list of the 2.1 specification (2.8.1)
    "maxcost": "cost",
    "maxsoc": "soc_pct",
}
"""Members of TxCtrlr.SupportedLimits, in lower case."""
REACHED = {
    "EnergyLimitReached": "energy_wh",
    "TimeLimitReached": "time_s",
    "CostLimitReached": "cost",
    "SoCLimitReached": "soc_pct",
}
"""Trigger reasons by which a station says that it stopped, or suspended, at a limit."""


class Limit(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """2.1 TransactionLimitType. None: not limited in this respect.

    energy_wh: Wh delivered. time_s: seconds since the start. cost: in the currency of the tariff. soc_pct: 0 to 100.
    """

    energy_wh: float | None = None
    time_s: int | None = None
    cost: Decimal | None = None
    soc_pct: int | None = None

    def __bool__(self) -> bool:
        return any(getattr(self, kind) is not None for kind in KINDS)

    def only(self, kinds: Collection[str]) -> Limit:
        """Those of these kinds."""
        return Limit(**{kind: getattr(self, kind) for kind in KINDS if kind in kinds})

    def kinds(self) -> frozenset[str]:
        """In what respects it limits."""
        return frozenset(kind for kind in KINDS if getattr(self, kind) is not None)

    def over(self, below: Limit | None) -> Limit:
        """This limit, with what it leaves open taken from `below`."""
        if below is None:
            return self
        found = {kind: _first(getattr(self, kind), getattr(below, kind)) for kind in KINDS}
        return Limit(**found)

    def lowest(self, other: Limit | None) -> Limit:
        """The lower of both in each respect."""
        if other is None:
            return self
        found = {}
        for kind in KINDS:
            both = [v for v in (getattr(self, kind), getattr(other, kind)) if v is not None]
            found[kind] = min(both, default=None)
        return Limit(**found)

    def overrules(self, told: Limit | None) -> Limit:
        """What of this limit has to be told to a station that has set `told`: what is lower than its own.

        A limit of the station that is lower already, or the same, is left alone (E16.FR.08).
        """
        if told is None:
            return self
        return self.only(
            {
                kind
                for kind in self.kinds()
                if getattr(told, kind) is None or getattr(self, kind) < getattr(told, kind)
            }
        )


class Limits(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True, gc=False):
    """What is known of a transaction's limits; kept with its row."""

    wanted: Limit | None = None
    """What the operator requires: of this transaction, of its remote start, or of its token."""
    told: Limit | None = None
    """What of it was told to the station, latest first."""
    told_in: int | None = None
    """Number of the event whose answer told it: when that event comes again, the answer may have been lost."""
    station: Limit | None = None
    """What the station says is set: by its driver, or in confirmation of ours."""
    unsupported: tuple[str, ...] = ()
    """Kinds of ours that the station cannot keep: they are kept by the system, which stops the transaction."""
    reached: str = ""
    """The kind of limit at which it ended or was suspended."""
    stopped: bool = False
    """The system has asked the station to stop because of `reached`."""

    @property
    def effective(self) -> Limit:
        """What limits the transaction: the operator's word where it is lower, else the station's."""
        ours = self.wanted or Limit()
        return ours.lowest(self.station)

    @property
    def own(self) -> Limit:
        """What the system has to watch itself: what the station does not support."""
        return (self.wanted or Limit()).only(self.unsupported)


def supported_kinds(listed: str | None) -> frozenset[str]:
    """The kinds that a TxCtrlr.SupportedLimits names; without it none is supported (2.1, 2.8.1)."""
    names = (name.strip().casefold() for name in (listed or "").split(","))
    return frozenset(WIRE_NAMES[name] for name in names if name in WIRE_NAMES)


def exceeded(
    limit: Limit,
    *,
    energy_wh: float | None,
    seconds: float | None,
    soc_pct: float | None,
    cost: Decimal | None = None,
) -> str:
    """The first kind of limit that has been reached, empty for none. What is unknown has not been reached."""
    actual = {"energy_wh": energy_wh, "time_s": seconds, "cost": cost, "soc_pct": soc_pct}
    for kind in KINDS:
        most, now = getattr(limit, kind), actual[kind]
        if most is not None and now is not None and now >= most:
            return kind
    return ""


def _first(a: Any, b: Any) -> Any:
    return b if a is None else a
