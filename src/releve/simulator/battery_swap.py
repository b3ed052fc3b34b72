"""A station of slots that charge batteries and hand them out for empty ones (2.1, block S)."""

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING

from releve.ocpp.messages import v21
from releve.simulator import sessions
from releve.simulator.car import Car, CarModel
from releve.simulator.electrical import NOTHING, Draw, Offer
from releve.simulator.tokens import Token

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station

HAND_S = 4.0
"""Between putting one in and taking one out."""
CARTRIDGE = CarModel("cartridge", battery_kwh=1.6, ac_current_a=0, ac_phases=1, dc_power_kw=1.5)
NOBODY = "NoAuthorization"
Event = v21.BatterySwapEventEnum


@dataclass(slots=True)
class Cartridge(Car):
    """A battery in a slot. soh: state of health, from 0 to 1."""

    serial: str = ""
    soh: float = 1.0

    def draw(self, offer: Offer) -> Draw:
        """There is no control pilot in a slot, and so no least current."""
        return NOTHING if self.asleep or self.content else self._draw_dc(offer)


def stock(station: "Station") -> None:
    """As it is delivered: a battery in each slot but the last."""
    slots = list(station.evses.values())
    for evse in slots[:-1] if station.plan.model.swaps else []:
        serial = f"{station.plan.serial}-{evse.id}"
        soc = station.rng.uniform(0.7, 0.94)
        evse.car = _battery(station, serial, soc, station.rng.uniform(0.9, 1.0))


def begin(station: "Station") -> None:
    """After a boot: a transaction for each battery in its slot (S04.FR.11)."""
    for evse in station.evses.values():
        battery = evse.car
        if isinstance(battery, Cartridge) and evse.transaction is None:
            evse.car = None
            _insert(station, evse, battery)


def eligible(station: "Station") -> list["Evse"]:
    """Slots with batteries that may go out, the fullest first (S04.FR.05)."""
    least = station.behaviour.swap_target_soc / 100
    found = [
        e for e in station.evses.values() if isinstance(e.car, Cartridge) and e.car.soc >= least
    ]
    return sorted(found, key=lambda e: -e.car.soc if e.car is not None else 0.0)


def possible(station: "Station") -> bool:
    """Whether there is a charged battery and an empty slot (S02.FR.04, S03.FR.05)."""
    return bool(eligible(station)) and any(not e.plugged for e in station.evses.values())


async def swap(station: "Station", token: Token, request_id: int, *, takes: bool = True) -> None:
    """An empty battery goes in, the fullest comes out, unless the driver leaves it there (S03).

    request_id: the CSMS's (S02.FR.02), or a new one of the station's own.
    """
    out = eligible(station)[0]
    free = next(e for e in station.evses.values() if not e.plugged)
    side = station.side
    side.swap_number += 1
    chance = random.Random(f"{station.plan.seed}/swap/{side.swap_number}")
    serial = f"{station.plan.serial}-U{side.swap_number:04}"
    empty = _battery(station, serial, chance.uniform(0.05, 0.25), chance.uniform(0.8, 0.98))
    await _tell(station, Event.BATTERY_IN, free, empty, token, request_id)
    _insert(station, free, empty)
    await station.clock.sleep(HAND_S if takes else station.behaviour.swap_out_s)
    full = out.car
    if not isinstance(full, Cartridge):
        return  # somebody has taken it
    if not takes:
        await _tell(station, Event.BATTERY_OUT_TIMEOUT, out, full, token, request_id)
        return  # S03.FR.06
    sessions.unplug(station, out)
    await _tell(station, Event.BATTERY_OUT, out, full, token, request_id)


def _battery(station: "Station", serial: str, soc: float, soh: float) -> Cartridge:
    most = station.behaviour.swap_max_soc / 100
    return Cartridge(CARTRIDGE, min(soc, most), most, serial=serial, soh=soh)


def _insert(station: "Station", evse: "Evse", battery: Cartridge) -> None:
    """Its charging is a transaction that begins and ends with it (S04.FR.02, S04.FR.03, S04.FR.08)."""
    text = station.behaviour.swap_token
    evse.token = Token(text, "Central") if text else Token("", NOBODY)
    evse.token_expires = station.clock.time() + 60.0
    sessions.plug_in(station, evse, battery)


async def _tell(
    station: "Station",
    event: v21.BatterySwapEventEnum,
    slot: "Evse",
    battery: Cartridge,
    token: Token,
    request_id: int,
) -> None:
    text = f"{event.value}: battery {battery.serial} with {battery.soc:.0%}"
    station.note("swap", text, slot.id, event=event.value)
    data = v21.BatteryData(
        evse_id=slot.id,
        serial_number=battery.serial,
        soc=round(battery.soc * 100, 1),
        soh=round(battery.soh * 100, 1),
    )
    await station.ask(
        v21.BatterySwapRequest(
            battery_data=[data],
            event_type=event,
            id_token=v21.IdToken(id_token=token.text, type=token.type),
            request_id=request_id,
        )
    )
