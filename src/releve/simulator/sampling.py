"""When meters are read: at begin and end, at intervals, at the full quarters of the clock, on request."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from releve.simulator.evse import Evse
from releve.simulator.meter import Context, Measurand, Sample
from releve.simulator.transaction import Transaction

if TYPE_CHECKING:
    from releve.simulator.station import Station


def take(
    station: "Station", evse: Evse, context: Context, measurands: Iterable[Measurand]
) -> Sample:
    """Read the meter of `evse` now. Of DC cars the state of charge is known, of AC cars it is not."""
    soc = evse.car.soc if evse.car is not None and evse.supply.direct else None
    readings = evse.meter.read(measurands, soc=soc, offered_a=evse.allowed_a)
    return Sample(station.now(), context, readings)


def begin(station: "Station", evse: Evse, transaction: Transaction) -> None:
    """The first reading of a transaction; periodic ones are counted from here (1.6, 3.16.1)."""
    transaction.remember(take(station, evse, Context.BEGIN, station.behaviour.ended))
    if station.behaviour.sample_interval_s > 0:
        transaction.next_sample_at = station.clock.time() + station.behaviour.sample_interval_s


def sample(station: "Station") -> None:
    """Take the samples that are due."""
    now = station.clock.time()
    for evse in station.evses.values():
        transaction = evse.transaction
        if transaction is None:
            continue
        interval_s = station.behaviour.sample_interval_s
        if interval_s <= 0:
            transaction.next_sample_at = None
        elif transaction.next_sample_at is None:
            transaction.next_sample_at = now + interval_s  # switched on in mid-transaction
        elif now >= transaction.next_sample_at:
            missed = int((now - transaction.next_sample_at) // interval_s)
            transaction.next_sample_at += (missed + 1) * interval_s
            _periodic(station, evse, transaction)
    _aligned(station)


def _periodic(station: "Station", evse: Evse, transaction: Transaction) -> None:
    found = take(station, evse, Context.PERIODIC, station.behaviour.sampled)
    if not found.readings:
        return
    power_w = found.value(Measurand.POWER)
    shown = "" if power_w is None else f", {power_w / 1000:.1f} kW"
    station.note(
        "sampled", f"EVSE {evse.id} at {evse.meter.register_wh / 1000:.3f} kWh{shown}", evse.id
    )
    if station.behaviour.ended_interval_s:
        transaction.remember(take(station, evse, Context.PERIODIC, station.behaviour.ended))
    station.dialect.sampled(station, transaction, found)


def _aligned(station: "Station") -> None:
    """Readings at equal steps from midnight on (1.6, 3.16.2)."""
    interval_s = station.behaviour.aligned_interval_s
    if interval_s <= 0:
        station.next_aligned = None
        return
    now = station.now()
    since_midnight = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
    if station.next_aligned is not None and station.clock.time() >= station.next_aligned:
        for evse in station.evses.values():
            found = take(station, evse, Context.CLOCK, station.behaviour.aligned)
            if found.readings:
                station.dialect.aligned(station, evse, found)
        station.next_aligned = None
    if station.next_aligned is None:
        wait_s = interval_s - since_midnight % interval_s
        station.next_aligned = station.clock.time() + wait_s
