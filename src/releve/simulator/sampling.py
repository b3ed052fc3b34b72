"""When meters are read: at begin and end, at intervals, at the full quarters of the clock, on request."""

from collections.abc import Iterable
from typing import TYPE_CHECKING

from releve.ocpp.version import Version
from releve.simulator import v2x
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
    wanted = v2x.measurands(station, evse, context, tuple(measurands))
    readings = evse.meter.read(wanted, soc=soc, offered_a=evse.allowed_a)
    return Sample(station.now(), context, readings)


def begin(station: "Station", evse: Evse, transaction: Transaction) -> None:
    """The first reading of a transaction; periodic ones are counted from here (1.6, 3.16.1)."""
    transaction.remember(take(station, evse, Context.BEGIN, station.behaviour.ended))
    now = station.clock.time()
    transaction.next_sample_at = _after(now, station.behaviour.sample_interval_s)
    transaction.next_kept_at = _after(now, _kept_interval_s(station))


def sample(station: "Station") -> None:
    """Take the samples that are due."""
    now, settings = station.clock.time(), station.behaviour
    for evse in station.evses.values():
        transaction = evse.transaction
        if transaction is None:
            continue
        interval_s, kept_s = settings.sample_interval_s, _kept_interval_s(station)
        due, transaction.next_sample_at = _due(transaction.next_sample_at, interval_s, now)
        if due:
            _periodic(station, evse, transaction)
        due, transaction.next_kept_at = _due(transaction.next_kept_at, kept_s, now)
        if due:
            transaction.remember(take(station, evse, Context.PERIODIC, settings.ended))
    _aligned(station)


def _kept_interval_s(station: "Station") -> int:
    """How often a reading is kept for the end: with every sample in 1.6 (3.16.1), TxEndedInterval in 2.x."""
    settings = station.behaviour
    is_16 = station.plan.version is Version.V16
    return settings.sample_interval_s if is_16 else settings.ended_interval_s


def _after(now: float, interval_s: int) -> float | None:
    return now + interval_s if interval_s > 0 else None


def _due(next_at: float | None, interval_s: int, now: float) -> tuple[bool, float | None]:
    """Whether it is time, and the next time. What was missed is not made up for."""
    if interval_s <= 0:
        return False, None
    if next_at is None:
        return False, now + interval_s  # switched on in mid-transaction
    if now < next_at:
        return False, next_at
    missed = int((now - next_at) // interval_s)
    return True, next_at + (missed + 1) * interval_s


def _periodic(station: "Station", evse: Evse, transaction: Transaction) -> None:
    found = take(station, evse, Context.PERIODIC, station.behaviour.sampled)
    if not found.readings:
        return
    power_w = evse.meter.flow.power_w
    shown = "" if found.value(Measurand.POWER) is None else f", {power_w / 1000:.1f} kW"
    text = f"EVSE {evse.id} at {evse.meter.register_wh / 1000:.3f} kWh{shown}"
    station.note("sampled", text, evse.id)
    station.dialect.sampled(station, transaction, found)


def _aligned(station: "Station") -> None:
    """Readings at equal steps from midnight on (1.6, 3.16.2)."""
    interval_s = station.behaviour.aligned_interval_s
    if interval_s <= 0:
        station.timers.aligned = None
        return
    now = station.now()
    since_midnight = now.hour * 3600 + now.minute * 60 + now.second + now.microsecond / 1e6
    if station.timers.aligned is not None and station.clock.time() >= station.timers.aligned:
        for evse in station.evses.values():
            found = take(station, evse, Context.CLOCK, station.behaviour.aligned)
            if found.readings:
                station.dialect.aligned(station, evse, found)
            if evse.transaction is not None and station.behaviour.ended_aligned:
                kept = take(station, evse, Context.CLOCK, station.behaviour.ended_aligned)
                evse.transaction.remember(kept)
        station.timers.aligned = None
    if station.timers.aligned is None:
        wait_s = interval_s - since_midnight % interval_s
        station.timers.aligned = station.clock.time() + wait_s
