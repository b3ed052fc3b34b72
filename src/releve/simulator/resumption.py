"""Transactions that outlast a restart: interrupted, and resumed as they were (2.1, B13)."""

from typing import TYPE_CHECKING

from releve.simulator import upkeep
from releve.simulator.dialect import BootReason
from releve.simulator.meter import Context
from releve.simulator.transaction import Trigger

if TYPE_CHECKING:
    from releve.simulator.evse import Evse
    from releve.simulator.station import Station


def possible(station: "Station") -> bool:
    """B13.FR.01; nor while new firmware is being installed."""
    under_way = station.transfers.update
    return station.behaviour.resumption_timeout_s > 0 and (under_way is None or under_way.done())


async def reset(station: "Station") -> None:
    """Restart the station; what runs goes on afterwards (B13.FR.20 to .30)."""
    interrupted = [evse for evse in station.evses.values() if _interrupt(station, evse)]
    await upkeep.drain(station)
    await station.reboot(BootReason.REMOTE_RESET)
    while not station.online:
        await station.clock.sleep(1)
    for evse in interrupted:
        _resume(station, evse)


async def reset_evse(station: "Station", evse: "Evse") -> None:
    """Restart one EVSE, in the same way (B13.FR.10 to .14)."""
    interrupted = _interrupt(station, evse)
    await station.clock.sleep(station.plan.reboot_s)
    if interrupted:
        _resume(station, evse)


def _interrupt(station: "Station", evse: "Evse") -> bool:
    transaction = evse.transaction
    if transaction is None:
        return False
    station.catch_up()
    station.dialect.changed(station, transaction, Trigger.RESET_COMMAND, Context.INTERRUPTION_BEGIN)
    transaction.interrupted = True
    _settle_quietly(station, evse)
    station.note("interrupted", f"EVSE {evse.id}: the transaction waits", evse.id)
    return True


def _resume(station: "Station", evse: "Evse") -> None:
    transaction = evse.transaction
    if transaction is None or not transaction.interrupted:
        return  # it was ended while the station was away
    station.catch_up()
    transaction.interrupted = not station.behaviour.allow_energy_resumption  # B13.FR.25
    _settle_quietly(station, evse)
    station.note("resumed", f"EVSE {evse.id}: the transaction goes on", evse.id)
    station.dialect.changed(station, transaction, Trigger.TX_RESUMED, Context.INTERRUPTION_END)


def _settle_quietly(station: "Station", evse: "Evse") -> None:
    """The charging state is told by the event of the interruption itself."""
    station.balance()
    if evse.transaction is not None:
        evse.transaction.state = evse.charging_state
    station.settle()
