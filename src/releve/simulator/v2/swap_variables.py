"""The variables of stations that swap batteries (2.1, block S)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from releve.simulator.battery_swap import Cartridge
from releve.simulator.place import Place
from releve.simulator.settings_fields import integer, text
from releve.simulator.v2.device_model import Entry, Read, fact, setting

if TYPE_CHECKING:
    from releve.simulator.station import Station

CONTROLLER, CARTRIDGE = "BatterySwapCtrlr", "BatteryCartridge"


def swap_entries(station: "Station") -> Iterator[Entry]:
    """Nothing, where no batteries are swapped."""
    if not station.plan.model.swaps:
        return
    yield setting(CONTROLLER, "TargetSoC", integer("swap_target_soc", 1, 100), unit="Percent")
    yield setting(CONTROLLER, "MaxSoc", integer("swap_max_soc", 1, 100), unit="Percent")
    yield setting(CONTROLLER, "IdToken", text("swap_token"))
    yield setting(CONTROLLER, "Timeout", integer("swap_out_s", 1, 3600), "Out", unit="s")
    for number in station.evses:
        for name in ("SoC", "SoH"):
            place = Place(CARTRIDGE, name, evse=number)
            yield fact(place, "integer", _of(number, name.lower()), unit="Percent", maximum=100)


def _of(number: int, name: str) -> Read:
    def read(station: "Station") -> str:
        battery = station.evses[number].car
        value = getattr(battery, name) if isinstance(battery, Cartridge) else 0.0
        return f"{value * 100:.0f}"

    return read
