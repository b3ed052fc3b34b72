"""The variables of EVSEs that can take energy out of cars (2.1, Q01.FR.30 to .36)."""

from collections.abc import Iterator
from hashlib import sha256
from typing import TYPE_CHECKING

from releve.ocpp.messages.v21 import DERControlEnum
from releve.simulator import v2x
from releve.simulator.place import Place
from releve.simulator.settings_fields import boolean
from releve.simulator.v2.device_model import Entry, Read, fact

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station

PROTOCOL = "urn:iso:std:iso:15118:-20:DC,1.0"
CONTROLLER, CAR = "V2XChargingCtrlr", "ConnectedEV"


def v2x_entries(station: "Station") -> Iterator[Entry]:
    """Nothing, where no EVSE can."""
    yield from _inverter_entries(station)
    able = [evse for evse in station.evses.values() if v2x.able(station, evse)]
    for evse in able:
        yield from _controller(evse)
        yield from _car(evse.id)
        yield fact(
            Place("EVSE", "DischargePower", evse=evse.id),
            "decimal",
            _given_w(evse.id),
            unit="W",
            maximum=evse.supply.max_discharge_w,
        )
        yield fact(Place("ISO15118Ctrlr", "Enabled", evse=evse.id), "boolean", lambda _s: "true")


def _inverter_entries(station: "Station") -> Iterator[Entry]:
    """DCDERCtrlr of each EVSE whose inverter feeds the grid (block R)."""
    model = station.plan.model
    for evse in station.evses.values():
        if not v2x.able(station, evse):
            continue

        def at(variable: str, number: int = evse.id) -> Place:
            return Place("DCDERCtrlr", variable, evse=number)

        given, taken = f"{evse.supply.max_discharge_w:.0f}", f"{evse.supply.max_power_w:.0f}"
        yield fact(at("Enabled"), "boolean", _always("true"))
        yield fact(at("MaxW"), "decimal", _always(given), unit="W")
        yield fact(at("MaxVA"), "decimal", _always(given), unit="VA")
        yield fact(at("MaxChargeRateW"), "decimal", _always(taken), unit="W")
        yield fact(at("ModesSupported"), "MemberList", _always(",".join(DERControlEnum)))
        yield fact(at("InverterManufacturer"), "string", _always(model.maker))
        yield fact(at("InverterModel"), "string", _always(model.name))
        yield fact(at("InverterSwVersion"), "string", lambda s: s.firmware)


def _given_w(number: int) -> Read:
    return lambda s: f"{max(0.0, -s.evses[number].meter.flow.power_w):.1f}"


def _always(text: str) -> Read:
    return lambda _s: text


def _controller(evse: "Evse") -> Iterator[Entry]:
    def at(variable: str, instance: str | None = None) -> Place:
        return Place(CONTROLLER, variable, instance, evse=evse.id)

    transfers = ",".join((v2x.CHARGING, v2x.BOTH_WAYS))
    modes = ",".join(v2x.MODES)
    yield fact(at("Available"), "boolean", lambda _s: "true")
    yield Entry(at("Enabled"), "boolean", field=boolean("v2x_enabled"))
    yield fact(at("SupportedEnergyTransferModes"), "MemberList", lambda _s: transfers)
    yield fact(at("SupportedOperationModes"), "MemberList", lambda _s: modes)
    for mode in v2x.MODES:
        for name, measurands in (
            ("TxStartedMeasurands", v2x.STARTED),
            ("TxUpdatedMeasurands", v2x.UPDATED),
            ("TxEndedMeasurands", v2x.ENDED),
        ):
            yield fact(at(name, mode), "MemberList", _always(",".join(measurands)))


def _car(number: int) -> Iterator[Entry]:
    """The car at the EVSE, as far as it has told (Q01.FR.36)."""

    def at(variable: str, instance: str | None = None) -> Place:
        return Place(CAR, variable, instance, evse=number)

    def told(text: str) -> Read:
        return lambda s: text if v2x.in_session(s, s.evses[number]) else ""

    def told_id(station: "Station") -> str:
        car = station.evses[number].car
        speaks = car is not None and v2x.in_session(station, station.evses[number])
        return sha256(car.model.name.encode()).hexdigest()[:12].upper() if car and speaks else ""

    yield fact(at("Available"), "boolean", lambda s: "true" if s.evses[number].plugged else "false")
    yield fact(at("VehicleID"), "string", told_id)
    yield fact(at("ProtocolAgreed"), "string", told(PROTOCOL))
    yield fact(at("ProtocolSupportedByEV", "Priority1"), "string", told(PROTOCOL))
