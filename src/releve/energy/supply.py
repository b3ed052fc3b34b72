"""What stands behind an outlet, and the exact arithmetic between amperes and watts."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_FLOOR, Decimal
from fractions import Fraction

from releve.domain.charging_profile import DEFAULT_PHASES, RateUnit

GRID_PHASES = 3


@dataclass(frozen=True, slots=True)
class Supply:
    """One EVSE, or the grid connection of a station.

    voltage_v: nominal, phase to neutral, never the measured one (K01.FR.50). max_current_a: per phase, None when it is
    not known. direct: DC; currents are then those that its rectifier draws evenly from three phases of the grid.
    """

    phases: int = GRID_PHASES
    voltage_v: Fraction = Fraction(230)
    max_current_a: Fraction | None = None
    direct: bool = False

    def given_phases(self, number_phases: int | None) -> int:
        """The phases that a limit in watts is divided over: those it was given for (K01.FR.49, K01.FR.50)."""
        if self.direct:
            return GRID_PHASES
        return meant_phases(number_phases)

    def usable_phases(self, number_phases: int | None) -> int:
        """The phases that may carry current under such a limit."""
        if self.direct:
            return GRID_PHASES
        return min(meant_phases(number_phases), self.phases)

    def amperes(self, value: Decimal, unit: RateUnit, number_phases: int | None) -> Fraction:
        """Amperes per phase of a limit that is meant for all its phases alike."""
        exact = Fraction(value)
        if unit is RateUnit.AMPERE:
            return exact  # K01.FR.51
        return exact / (self.voltage_v * self.given_phases(number_phases))

    def watts(self, amperes: Fraction, phases: int) -> Fraction:
        """Power of the same current on each of `phases` phases."""
        return amperes * self.voltage_v * phases


def meant_phases(number_phases: int | None) -> int:
    """As many as a limit says; a number that no grid has (stations report such) counts as none said."""
    if number_phases is None or not 1 <= number_phases <= GRID_PHASES:
        return DEFAULT_PHASES
    return number_phases


def down(value: Fraction, digits: int) -> Decimal:
    """Rounded down to `digits` behind the point, so that no limit is exceeded."""
    step = Decimal(1).scaleb(-digits)
    whole = Decimal((value * 10**digits).__floor__())
    return (whole * step).quantize(step, rounding=ROUND_FLOOR)


def near(value: Fraction, digits: int) -> Decimal:
    """Rounded to the nearest, for showing."""
    step = Decimal(1).scaleb(-digits)
    return (Decimal(round(value * 10**digits)) * step).quantize(step)
