"""What breaks by itself: the network of a station, and its EVSEs."""

import random

from releve.simulator import upkeep
from releve.simulator.lifecycle import Lifecycle
from releve.simulator.scenario import Faults
from releve.simulator.station import Station


class Troubles:
    """The faults of one station, from a seeded source of chance of their own."""

    def __init__(self, station: Station, life: Lifecycle, faults: Faults) -> None:
        self._station = station
        self._life = life
        self._faults = faults
        self._rng = random.Random(f"{station.plan.seed}/faults")

    async def lose_the_line(self) -> None:
        """The network fails now and then, for ever."""
        mean_s = self._faults.offline_every_minutes * 60
        while mean_s > 0:
            await self._station.clock.sleep(self._rng.expovariate(1 / mean_s))
            await self._life.go_offline()
            await self._station.clock.sleep(60 * self._rng.uniform(*self._faults.offline_minutes))
            self._life.come_back()

    async def break_down(self) -> None:
        """An EVSE breaks and is repaired, for ever."""
        evses = list(self._station.evses.values())
        if self._faults.faulted_at_start:
            await self._broken_for_a_while(0)
        mean_s = self._faults.fault_every_minutes * 60
        while mean_s > 0:
            await self._station.clock.sleep(self._rng.expovariate(1 / mean_s))
            await self._broken_for_a_while(self._rng.randrange(len(evses)))

    async def _broken_for_a_while(self, index: int) -> None:
        evse = list(self._station.evses.values())[index]
        upkeep.fail(self._station, evse, self._faults.error)
        await self._station.clock.sleep(60 * self._rng.uniform(*self._faults.fault_minutes))
        upkeep.repair(self._station, evse)
