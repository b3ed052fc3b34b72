"""Limits of a transaction that the CSMS sets and a 2.1 station keeps (E16)."""

from typing import TYPE_CHECKING

from releve.simulator.battery_swap import Cartridge
from releve.simulator.transaction import Transaction, Trigger

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station

SUPPORTED = "maxEnergy,maxTime,maxSoC"
"""TxCtrlr.SupportedLimits: cost is what these stations cannot reckon."""


def take(
    station: "Station",
    transaction: Transaction,
    *,
    energy_wh: float | None,
    time_s: float | None,
    soc_pct: float | None,
) -> None:
    """Take over the limits that the CSMS told, and confirm those that are kept (E16.FR.03)."""
    if energy_wh is None and time_s is None and soc_pct is None:
        return
    known = transaction.limits
    known.energy_wh = known.energy_wh if energy_wh is None else energy_wh
    known.time_s = known.time_s if time_s is None else time_s
    known.soc_pct = known.soc_pct if soc_pct is None else soc_pct
    evse = station.evses[transaction.evse]
    if evse.transaction is not transaction:
        return
    station.note("limit-set", f"the transaction of EVSE {evse.id} is limited", evse.id)
    if transaction.at_limit and _reached(station, evse, transaction) is None:
        transaction.at_limit = False  # E16.FR.14: raised, so energy flows again
    station.dialect.changed(station, transaction, Trigger.LIMIT_SET)
    station.settle()


def watch(station: "Station") -> None:
    """Suspend what has reached its limit (E16.FR.05)."""
    for evse in station.evses.values():
        transaction = evse.transaction
        if transaction is None or transaction.at_limit:
            continue
        trigger = _reached(station, evse, transaction)
        if trigger is None:
            continue
        transaction.at_limit = True
        transaction.state = evse.charging_state
        station.note("limit-reached", f"EVSE {evse.id} has reached a limit: {trigger}", evse.id)
        station.dialect.changed(station, transaction, trigger)


def _reached(station: "Station", evse: "Evse", transaction: Transaction) -> Trigger | None:
    if isinstance(evse.car, Cartridge) and evse.car.content:
        return Trigger.ENERGY_LIMIT_REACHED  # S04.FR.06
    limits = transaction.limits
    delivered = evse.meter.register_wh - transaction.meter_start_wh
    if limits.energy_wh is not None and delivered >= limits.energy_wh:
        return Trigger.ENERGY_LIMIT_REACHED
    seconds = (station.now() - transaction.began_at).total_seconds()
    if limits.time_s is not None and seconds >= limits.time_s:  # E16.FR.09
        return Trigger.TIME_LIMIT_REACHED
    if limits.soc_pct is not None and evse.car is not None and evse.car.soc * 100 >= limits.soc_pct:
        return Trigger.SOC_LIMIT_REACHED
    return None
