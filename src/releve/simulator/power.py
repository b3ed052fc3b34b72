"""Energy: what each EVSE may deliver, what each car takes, what the meters count."""

from dataclasses import replace
from typing import TYPE_CHECKING

from releve.simulator import grid, v2x
from releve.simulator.car import MIN_CURRENT_A
from releve.simulator.electrical import NOTHING, Draw, Offer
from releve.simulator.evse import Evse
from releve.simulator.profiles.composite import (
    Allowance,
    generation_a,
    least,
    station_limits,
    tx_limit,
)
from releve.simulator.profiles.sharing import share
from releve.simulator.quirks import Quirk

if TYPE_CHECKING:
    from releve.simulator.station import Station


def flow(station: "Station", seconds: float) -> None:
    """Let `seconds` pass with what flows now, into the meters and the batteries."""
    for evse in station.evses.values():
        grid.warm(evse, seconds)
        drawn = evse.meter.flow
        if evse.car is None or drawn.power_w == 0:
            continue
        energy_wh = abs(drawn.power_w) * seconds / 3600
        if drawn.power_w > 0:
            evse.meter.count(evse.car.charge(energy_wh, direct=evse.supply.direct))
        else:
            evse.meter.count_out(evse.car.discharge(energy_wh))


def balance(station: "Station") -> None:
    """Work out anew what each EVSE allows and what its car takes."""
    allowances = {evse.id: _own_allowance(station, evse) for evse in station.evses.values()}
    _share_station_limit(station, allowances)
    for evse in station.evses.values():
        allowed = allowances[evse.id]
        evse.allowed_a, evse.allowed_phases = allowed.current_a, allowed.phases
        v2x.apply(station, evse)
        evse.meter.flow = _drawn(evse)


def _drawn(evse: Evse) -> Draw:
    transaction = evse.transaction
    if evse.car is None or transaction is None or transaction.token is None:
        return NOTHING
    return evse.car.draw(evse.offer)


def _own_allowance(station: "Station", evse: Evse) -> Allowance:
    """The limit of the EVSE's own transaction, under the supply's maximum."""
    transaction = evse.transaction
    if transaction is not None and transaction.deauthorized:
        limit_wh = transaction.energy_limit_wh
        if limit_wh is None or evse.meter.register_wh >= limit_wh:
            return Allowance(0.0, evse.supply.phases, limited=True)
    if len(station.profiles) == 0 or Quirk.IGNORES_PROFILES in station.plan.quirks:
        return least(evse.supply, [])
    now = station.now()
    origin = (transaction.energy_origin if transaction else None) or now
    key = transaction.key if transaction else None
    touching = station.profiles.touching(evse.id, key)
    priority = transaction is not None and transaction.priority
    limit = tx_limit(touching, now, origin, priority=priority)
    allowed = least(evse.supply, [] if limit is None else [limit])
    more = generation_a(touching, evse.supply, now, origin, allowed.phases)
    most = evse.supply.max_current_a
    return replace(allowed, current_a=min(allowed.current_a + more, most))


def _share_station_limit(station: "Station", allowances: dict[int, Allowance]) -> None:
    """Hold the sum of all EVSEs under the limits on the whole station (1.6, 3.13.3; K04)."""
    if len(station.profiles) == 0 or Quirk.IGNORES_PROFILES in station.plan.quirks:
        return
    now = station.now()
    evses = list(station.evses.values())
    touching = station.profiles.touching(0, None)
    limits = station_limits(touching, now, now)
    if not limits:
        return
    cap = least(evses[0].supply, limits)
    cap_a = max(0.0, min(limit.current_a(evses[0].supply) for limit in limits))
    made_a = generation_a(touching, evses[0].supply, now, now, evses[0].supply.phases)
    cap_a += made_a  # K08.FR.04: on top of the limits
    wishes = [_wish(evse, allowances[evse.id]) for evse in evses]
    for evse, granted in zip(evses, share(cap_a, wishes), strict=True):
        own = allowances[evse.id]
        current_a = min(own.current_a, granted if evse.transaction else cap_a)
        allowances[evse.id] = Allowance(current_a, min(own.phases, cap.phases), limited=True)


def _wish(evse: Evse, allowed: Allowance) -> float:
    """What the EVSE would use of its allowance: nothing without a car that wants to charge."""
    if evse.car is None or evse.transaction is None or evse.fault is not None:
        return 0.0
    if evse.transaction.paused:
        return 0.0
    offer = Offer(allowed.current_a, allowed.phases, evse.supply.voltage_v, evse.supply.direct)
    wanted = evse.car.draw(offer).current_a
    return max(wanted, MIN_CURRENT_A) if wanted > 0 else 0.0
