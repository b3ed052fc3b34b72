"""Measured values as stations write them: names, units and numbers, brought into base units.

Shared by all versions, because stations of all versions make the same slips: a decimal comma, the unit inside the
value, a measurand with a line break at its end. What cannot be read for certain is kept as text, never guessed.
"""

from __future__ import annotations

import re
from math import isfinite

from releve.domain.meter import ENERGY_IMPORT

# Text on the wire -> base unit and the power of ten that leads to it.
UNITS: dict[str, tuple[str, int]] = {
    "Wh": ("Wh", 0),
    "kWh": ("Wh", 3),
    "MWh": ("Wh", 6),
    "varh": ("varh", 0),
    "kvarh": ("varh", 3),
    "VAh": ("VAh", 0),
    "kVAh": ("VAh", 3),
    "W": ("W", 0),
    "kW": ("W", 3),
    "MW": ("W", 6),
    "VA": ("VA", 0),
    "kVA": ("VA", 3),
    "var": ("var", 0),
    "kvar": ("var", 3),
    "A": ("A", 0),
    "mA": ("A", -3),
    "V": ("V", 0),
    "mV": ("V", -3),
    "kV": ("V", 3),
    "Percent": ("Percent", 0),
    "%": ("Percent", 0),
    "Hz": ("Hz", 0),
    "Hertz": ("Hz", 0),
    "Celsius": ("Celsius", 0),
    "Celcius": ("Celsius", 0),  # so spelled in the first 1.6 schemas
    "Amp": ("A", 0),  # 1.5
    "Volt": ("V", 0),
}
# Case carries meaning in SI (mW, MW), so only spellings that no other unit shares are read in any case.
_SPELLINGS = {
    text.casefold(): unit for text, unit in UNITS.items() if text not in {"MW", "mA", "mV", "MWh"}
}

# Unit that a reading has when the station names none. The standard says so for energy only
# (1.6 7.43, 2.0.1 2.49, 2.1 2.112).
_ASSUMED = (
    ("Energy.Reactive", "varh"),
    ("Energy.Apparent", "VAh"),
    ("Energy", "Wh"),
    ("Power.Reactive", "var"),
    ("Power.Factor", ""),
    ("Power", "W"),
    ("Current", "A"),
    ("Voltage", "V"),
    ("SoC", "Percent"),
    ("Frequency", "Hz"),
    ("Temperature", "Celsius"),
)

_NUMBER_AND_UNIT = re.compile(
    r"([+-]?(?:\d+(?:[.,]\d*)?|[.,]\d+)(?:[eE][+-]?\d+)?)\s*([A-Za-z%]*)\Z"
)
_POWERS = [10.0**n for n in range(25)]
_QUANTITIES: dict[tuple[str, str | None], tuple[str, str, int]] = {}
_QUANTITIES_KEPT = 512
"""Bound of the cache below: a station could invent names without end."""


def quantity(measurand: str, written: str | None) -> tuple[str, str, int]:
    """A measurand's name without stray blanks, its base unit, and the power of ten that leads to it.

    written: the unit as sent; None for the one that the measurand has by default. Cached as a pair: this runs for
    every value of every meter.
    """
    known = _QUANTITIES.get((measurand, written))
    if known is None:
        name, assumed = _measurand(str(measurand).strip() or ENERGY_IMPORT)
        known = (name, *(assumed if written is None else unit(written)))
        if len(_QUANTITIES) < _QUANTITIES_KEPT:
            _QUANTITIES[str(measurand), None if written is None else str(written)] = known
    return known


def _measurand(name: str) -> tuple[str, tuple[str, int]]:
    for prefix, unit in _ASSUMED:
        if name.startswith(prefix):
            return name, UNITS.get(unit, (unit, 0))
    return name, ("", 0)


def unit(text: str) -> tuple[str, int]:
    """Base unit and power of ten for a unit as sent; an unknown one stays what it is."""
    known = UNITS.get(text)
    if known is None:
        bare = str(text).strip()
        known = _SPELLINGS.get(bare.casefold(), (bare, 0))
    return known


def scaled(value: float, power: int) -> float | None:
    """value times ten to the power; None when that leaves the numbers. Rounded where binary fractions would show."""
    if power == 0:
        result = value
    elif 0 < power < 25:
        result = round(value * _POWERS[power], 6)
    elif -25 < power < 0:
        result = round(value / _POWERS[-power], 9)
    else:
        return None
    return result if isfinite(result) else None


def lenient_number(text: str) -> tuple[float | None, str]:
    """A number out of text that is no plain one, and the unit written beside it, if any.

    A single comma is a decimal comma: meters print no thousands separators, and their locale may. Anything else is no
    number.
    """
    found = _NUMBER_AND_UNIT.match(text.strip())
    if found is None:
        return None, ""
    return float(found[1].replace(",", ".")), found[2]
