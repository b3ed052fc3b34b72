"""Running a fleet until told to stop."""

import asyncio
import random
from collections.abc import Mapping
from dataclasses import replace
from ssl import SSLContext

from releve.simulator.clock import Clock, WallClock
from releve.simulator.dialects import dialect_for
from releve.simulator.fleet.drivers import Drivers
from releve.simulator.fleet.energy_manager import manage
from releve.simulator.fleet.faults import Troubles
from releve.simulator.fleet.swappers import come_and_swap
from releve.simulator.happening import Listener
from releve.simulator.lifecycle import Lifecycle
from releve.simulator.plan import StationPlan
from releve.simulator.scenario import Group, Scenario
from releve.simulator.station import Station


async def run_fleet(
    scenario: Scenario,
    url: str,
    *,
    stop: asyncio.Event,
    clock: Clock | None = None,
    speed: float = 1.0,
    seed: int | None = None,
    on_event: Listener | None = None,
    passwords: Mapping[str, str] | None = None,
    ssl_context: SSLContext | None = None,
) -> None:
    """Run every station of `scenario` against the CSMS at `url` until `stop` is set.

    `url` is without the identity. `speed` is simulated seconds per real second, unless a `clock` is given.
    `seed` overrides the scenario's; `passwords` those of its stations, by identity. `ssl_context` is for wss://.
    `on_event` is told all that happens. When this returns, every connection is closed and no task is left.
    """
    time = clock or WallClock(speed)
    listeners = () if on_event is None else (on_event,)
    fleet = [
        _Member(_with_password(plan, passwords), group, scenario, url, time, listeners, ssl_context)
        for plan, group in scenario.plans(seed)
    ]
    ramp = random.Random(f"{scenario.seed if seed is None else seed}/ramp")
    for member in fleet:
        member.switch_on(ramp.uniform(0, scenario.ramp_s))
    try:
        await stop.wait()
    finally:
        await asyncio.gather(*(member.switch_off() for member in fleet))


class _Member:
    """A station of the fleet, with its drivers and its troubles."""

    def __init__(
        self,
        plan: StationPlan,
        group: Group,
        scenario: Scenario,
        url: str,
        clock: Clock,
        listeners: tuple[Listener, ...],
        ssl_context: SSLContext | None = None,
    ) -> None:
        self._station = Station(plan, dialect_for(plan.version), clock, listeners)
        self._life = Lifecycle(self._station, url, ssl_context)
        self._group = group
        self._scenario = scenario

    def switch_on(self, after_s: float) -> None:
        self._station.spawn(self._live(after_s))

    async def switch_off(self) -> None:
        await self._life.shut_down()

    async def _live(self, after_s: float) -> None:
        station, group = self._station, self._group
        await station.clock.sleep(after_s)
        self._life.start()
        station.spawn(self._life.hold())
        await station.journal.wait_for("booted", timeout_s=None)
        if station.plan.model.swaps:
            station.spawn(come_and_swap(station, group.traffic, self._scenario.tokens))
        for evse in station.evses.values() if not station.plan.model.swaps else ():
            drivers = Drivers(
                station, evse, group.traffic, self._scenario.tokens, self._scenario.strangers
            )
            station.spawn(drivers.come_and_go())
        station.spawn(manage(station, group.energy_manager))
        troubles = Troubles(station, self._life, group.faults)
        station.spawn(troubles.lose_the_line())
        station.spawn(troubles.break_down())


def _with_password(plan: StationPlan, passwords: Mapping[str, str] | None) -> StationPlan:
    if passwords is None or plan.identity not in passwords:
        return plan
    return replace(plan, password=passwords[plan.identity])
