"""The energy meter of an EVSE and what can be read from it."""

import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from releve.simulator.electrical import NOTHING, Draw, Supply


class Measurand(StrEnum):
    """The measurands that the simulated stations can supply (their wire names are those of all versions)."""

    ENERGY = "Energy.Active.Import.Register"
    POWER = "Power.Active.Import"
    CURRENT = "Current.Import"
    OFFERED = "Current.Offered"
    VOLTAGE = "Voltage"
    SOC = "SoC"
    EXPORT = "Energy.Active.Export.Register"
    POWER_OUT = "Power.Active.Export"
    CURRENT_OUT = "Current.Export"


class Context(StrEnum):
    """Why a reading was taken (readingContext)."""

    BEGIN = "Transaction.Begin"
    PERIODIC = "Sample.Periodic"
    CLOCK = "Sample.Clock"
    END = "Transaction.End"
    TRIGGER = "Trigger"
    INTERRUPTION_BEGIN = "Interruption.Begin"
    INTERRUPTION_END = "Interruption.End"


@dataclass(frozen=True, slots=True)
class Reading:
    """One value, in `unit`, of the whole EVSE or of one `phase`."""

    measurand: Measurand
    value: float
    unit: str
    phase: str | None = None
    location: str = "Outlet"


@dataclass(frozen=True, slots=True)
class Sample:
    """Readings taken at one moment."""

    at: datetime
    context: Context
    readings: tuple[Reading, ...]

    def value(self, measurand: Measurand) -> float | None:
        """The first reading of `measurand`, or None if it was not taken."""
        return next((each.value for each in self.readings if each.measurand is measurand), None)


class Meter:
    """Registers that only grow, one for each direction, beside what flows at the moment."""

    def __init__(self, supply: Supply, rng: random.Random, register_wh: float = 0.0) -> None:
        self._supply = supply
        self._rng = rng
        self.register_wh = register_wh
        self.export_wh = 0.0
        self.flow: Draw = NOTHING

    def count(self, energy_wh: float) -> None:
        self.register_wh += energy_wh

    def count_out(self, energy_wh: float) -> None:
        """Energy that came out of the car."""
        self.export_wh += energy_wh

    def read(
        self, measurands: Iterable[Measurand], *, soc: float | None, offered_a: float
    ) -> tuple[Reading, ...]:
        """Readings of `measurands`; a state of charge (0..1) is known on DC only, as in the field."""
        found: list[Reading] = []
        for measurand in measurands:
            found.extend(self._read_one(measurand, soc, offered_a))
        return tuple(found)

    def _read_one(self, measurand: Measurand, soc: float | None, offered_a: float) -> list[Reading]:
        match measurand:
            case Measurand.ENERGY:
                return [Reading(measurand, round(self.register_wh, 1), "Wh")]
            case Measurand.POWER:
                return [Reading(measurand, round(max(0.0, self.flow.power_w), 1), "W")]
            case Measurand.EXPORT:
                return [Reading(measurand, round(self.export_wh, 1), "Wh")]
            case Measurand.POWER_OUT:
                return [Reading(measurand, round(max(0.0, -self.flow.power_w), 1), "W")]
            case Measurand.OFFERED:
                return [Reading(measurand, round(offered_a, 1), "A")]
            case Measurand.SOC:
                value = None if soc is None else round(soc * 100)
                return (
                    [] if value is None else [Reading(measurand, value, "Percent", location="EV")]
                )
            case Measurand.CURRENT | Measurand.CURRENT_OUT:
                phases = range(1, self._supply.phases + 1)
                return [self._current(measurand, phase) for phase in phases]
            case Measurand.VOLTAGE:
                return [self._voltage(phase) for phase in range(1, self._supply.phases + 1)]

    def _current(self, measurand: Measurand, phase: int) -> Reading:
        value = self.flow.current_a if phase <= self.flow.phases else 0.0
        value = max(0.0, value if measurand is Measurand.CURRENT else -value)
        return Reading(measurand, round(value, 2), "A", phase=f"L{phase}")

    def _voltage(self, phase: int) -> Reading:
        value = self._supply.voltage_v + self._rng.uniform(-1.5, 1.5)
        return Reading(Measurand.VOLTAGE, round(value, 1), "V", phase=f"L{phase}-N")


def parse_measurands(text: str) -> tuple[Measurand, ...] | None:
    """A comma-separated list of measurands, or None when one of them is not supported (1.6, 3.16.4).

    A phase may follow a measurand (`Voltage.L1`); all phases are reported anyway (3.16.3).
    """
    found: list[Measurand] = []
    for part in (piece.strip() for piece in text.split(",")):
        if not part:
            continue
        name = part.rsplit(".L", 1)[0]
        if name not in Measurand.__members__.values():
            return None
        found.append(Measurand(name))
    return tuple(dict.fromkeys(found))
