"""The grid that feeds a station, and the warmth that comes of it. No chance in it: the same moment, the same grid."""

from math import exp, pi, sin
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station

SWING_HZ, SWING_S = 0.02, 97.0
"""How far, and how slowly, the frequency swings about 50 Hz."""
DROP_SHARE = 0.025
"""How far the voltage drops at full load."""
SWAY_V, SWAY_S = 1.5, 211.0
AMBIENT_C, RISE_C, LAG_S = 18.0, 44.0, 240.0
"""An EVSE without load, how much warmer it gets at full load, and how slowly."""


def frequency_hz(station: "Station") -> float:
    """The grid's frequency as the station measures it."""
    return 50.0 + SWING_HZ * sin(2 * pi * station.clock.time() / SWING_S)


def voltage_v(station: "Station", evse: "Evse") -> float:
    """Phase to neutral at the EVSE: lower under load."""
    sway_v = SWAY_V * sin(2 * pi * station.clock.time() / SWAY_S + evse.id)
    return evse.supply.voltage_v * (1 - DROP_SHARE * _load(evse)) + sway_v


def warm(evse: "Evse", seconds: float) -> None:
    """Let what flows warm the EVSE, or let it cool down, for `seconds`."""
    target_c = AMBIENT_C + RISE_C * _load(evse)
    evse.temperature_c += (target_c - evse.temperature_c) * (1 - exp(-max(0.0, seconds) / LAG_S))


def _load(evse: "Evse") -> float:
    return min(1.0, abs(evse.meter.flow.power_w) / evse.supply.max_power_w)
