"""Cars that give back (2.1, block Q): whether they may, what steers them, what is measured of it."""

from typing import TYPE_CHECKING

from releve.ocpp.version import Version
from releve.simulator import grid
from releve.simulator.meter import Context, Measurand
from releve.simulator.profiles.model import Mode
from releve.simulator.profiles.steering import Signals, Steering, steering

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station

CHARGING, BOTH_WAYS = "DC", "DC_BPT"
"""Energy transfers of these stations (EnergyTransferModeEnumType)."""
MODES = tuple(mode for mode in Mode if mode is not Mode.LOCAL_LOAD_BALANCING)
"""SupportedOperationModes: the meter of the building is what these stations cannot read."""
STARTED = ENDED = (Measurand.EXPORT,)
UPDATED = (Measurand.EXPORT, Measurand.POWER_OUT)
"""Sampled in addition, in whatever mode (V2XChargingCtrlr.TxStartedMeasurands and so on)."""


def able(station: "Station", evse: "Evse") -> bool:
    """Whether the EVSE can take energy out of cars."""
    return station.plan.version is Version.V21 and evse.supply.max_discharge_w > 0


def in_session(station: "Station", evse: "Evse") -> bool:
    """Whether car and EVSE can both."""
    car = evse.car
    return (
        station.behaviour.v2x_enabled
        and able(station, evse)
        and bool(car and car.model.discharge_kw)
    )


def signals(station: "Station") -> Signals:
    """What is measured and told now; a signal of the grid operator counts from its time on."""
    side = station.side
    told = [value for at, value in side.afrr if at <= station.now()]
    return Signals(grid.frequency_hz(station), told[-1] if told else 0, side.setpoint_w)


def steer(station: "Station", evse: "Evse") -> Steering | None:
    """What steers the EVSE now; None: it just charges."""
    transaction = evse.transaction
    if station.plan.version is not Version.V21 or transaction is None or len(station.profiles) == 0:
        return None
    now = station.now()
    return steering(
        station.profiles.touching(evse.id, transaction.key),
        evse.supply,
        now,
        transaction.energy_origin or now,
        signals(station),
        priority=transaction.priority,
    )


def apply(station: "Station", evse: "Evse") -> None:
    """Let what steers the EVSE reach what it offers to the car."""
    steered, transaction = steer(station, evse), evse.transaction
    evse.mode = None if steered is None else steered.mode
    evse.setpoint_w, evse.discharge_w = None, 0.0
    if steered is None or transaction is None:
        return
    evse.setpoint_w = steered.setpoint_w
    if steered.setpoint_w is not None and steered.station_wide:
        evse.setpoint_w = steered.setpoint_w / max(1, _sharing(station))
    if able(station, evse) and transaction.transfer == BOTH_WAYS:
        told = steered.discharge_w
        most_w = evse.supply.max_discharge_w * station.side.discharge_share
        evse.discharge_w = most_w if told is None else min(most_w, -told)


def _sharing(station: "Station") -> int:
    """How many EVSEs share a setpoint of the station."""
    return sum(evse.transaction is not None and evse.plugged for evse in station.evses.values())


def measurands(
    station: "Station", evse: "Evse", context: Context, asked: tuple[Measurand, ...]
) -> tuple[Measurand, ...]:
    """What is sampled in a session that goes both ways: what was asked for, and more (Q01.FR.33 to .35)."""
    if not in_session(station, evse) or context is Context.CLOCK:
        return asked
    more = {Context.BEGIN: STARTED, Context.END: ENDED}.get(context, UPDATED)
    return tuple(dict.fromkeys((*asked, *more)))
