"""What an EVSE can deliver, and the arithmetic between amperes and watts."""

from dataclasses import dataclass, replace
from enum import StrEnum


class Unit(StrEnum):
    """Unit of a charging limit: amperes per phase, or watts over all phases (K01.FR.50, K01.FR.51)."""

    AMPERE = "A"
    WATT = "W"


DEFAULT_PHASES = 3
"""Phases of a limit that does not say (K01.FR.49)."""


@dataclass(frozen=True, slots=True)
class Supply:
    """What stands behind one EVSE's outlet.

    For AC, `max_current_a` is per phase. For DC it is the current per phase that the rectifier draws from
    its three-phase supply: limits in ampere are a grid matter there too.
    """

    phases: int
    max_current_a: float
    voltage_v: float = 230.0
    direct: bool = False
    """True for DC."""
    max_discharge_w: float = 0.0
    """What it can give back to the grid; 0: it cannot."""

    @property
    def max_power_w(self) -> float:
        return self.max_current_a * self.voltage_v * self.phases

    def watts(self, current_a: float, phases: int | None = None) -> float:
        """Power over `phases` (all of the supply's by default) at `current_a` on each."""
        return current_a * self.voltage_v * (phases or self.phases)

    def amperes(self, power_w: float, phases: int | None = None) -> float:
        """Current per phase that makes up `power_w` over `phases` (all of the supply's by default)."""
        return power_w / (self.voltage_v * (phases or self.phases))


def ac(current_a: float, phases: int = 3, voltage_v: float = 230.0) -> Supply:
    """An alternating-current outlet."""
    return Supply(phases=phases, max_current_a=current_a, voltage_v=voltage_v)


def dc(power_kw: float, voltage_v: float = 230.0, discharge_kw: float = 0.0) -> Supply:
    """A direct-current outlet of `power_kw`, fed by three phases; `discharge_kw` it can give back."""
    return Supply(
        phases=3,
        max_current_a=power_kw * 1000 / (voltage_v * 3),
        voltage_v=voltage_v,
        direct=True,
        max_discharge_w=discharge_kw * 1000,
    )


@dataclass(frozen=True, slots=True)
class Offer:
    """What an EVSE allows the car to take now."""

    current_a: float
    """Per phase; on DC, per phase of the grid connection."""
    phases: int
    voltage_v: float
    direct: bool = False
    setpoint_w: float | None = None
    """What the car is to follow as closely as it can, below zero for giving back; None: as much as it likes."""
    discharge_w: float = 0.0
    """The most that it may give back, counted above zero."""

    @property
    def power_w(self) -> float:
        return self.current_a * self.voltage_v * self.phases

    def held_to(self, power_w: float) -> "Offer":
        """The same offer with no more than `power_w`, and no setpoint any more."""
        most_a = power_w / (self.voltage_v * self.phases) if self.phases else 0.0
        return replace(self, current_a=min(self.current_a, most_a), setpoint_w=None)


@dataclass(frozen=True, slots=True)
class Draw:
    """What flows: `current_a` on each of `phases` phases, `power_w` in all. Below zero: out of the car."""

    power_w: float
    current_a: float
    phases: int


NOTHING = Draw(power_w=0.0, current_a=0.0, phases=0)
