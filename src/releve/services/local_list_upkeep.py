"""D: local lists follow the register by themselves: at once where a station is connected, else at its return."""

from __future__ import annotations

from datetime import datetime, timedelta

from releve.domain.ids import OperatorId, StationId
from releve.domain.local_list import ListState
from releve.services.errors import NotFound, NotNow
from releve.services.local_lists import LocalLists
from releve.services.ports import Clock, Presence, Store

LOOK_EVERY = timedelta(minutes=10)
"""A change of the register that another process made (the command line) is found by then; expiries, too."""
AGAIN_AFTER = timedelta(minutes=2)
"""A list that a connected station did not answer is tried again."""

_Key = tuple[OperatorId, StationId]


class ListUpkeep:
    """What it knows in memory are only hints of what to look at: the lists themselves are on disk."""

    def __init__(self, store: Store, clock: Clock, presence: Presence, lists: LocalLists) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence
        self._lists = lists
        self._due: dict[_Key, datetime] = {}
        """Lists to look at, and from when."""
        self._seen: dict[_Key, int | None] = {}
        """The lists kept in step, and in which connection (epoch) each was last looked at."""
        self._look_at: datetime | None = None

    async def step(self) -> int:
        """Look for lists that are out of step and send what is missing; how many were looked at."""
        await self._gather()
        now = self._clock.now()
        for key, epoch in self._seen.items():
            live = self._presence.live(key[1])
            if live is not None and live.epoch != epoch and live.station.registered:
                self._due.setdefault(key, now)
        looked = 0
        for key in [key for key, at in self._due.items() if at <= now]:
            looked += await self._look(key, now)
        return looked

    async def _gather(self) -> None:
        now = self._clock.now()
        operators = self._lists.rested()
        if self._look_at is None or self._look_at <= now:
            operators = await self._store.operators()
            self._look_at = now + LOOK_EVERY
        for operator in operators:
            kept = await self._lists.kept(operator)
            for key in [k for k in self._seen if k[0] == operator and k[1] not in kept]:
                del self._seen[key]
                self._due.pop(key, None)
            for station in kept:
                self._seen.setdefault((operator, station), None)
                self._due[operator, station] = now

    async def _look(self, key: _Key, now: datetime) -> int:
        operator, station = key
        live = self._presence.live(station)
        away = live is None or not live.station.registered
        try:
            if away:
                self._due.pop(key, None)
                self._seen[key] = None  # looked at again when the station is back
                await self._lists.look_over(operator, station)
                return 0
            await self._lists.sync(operator, station, by="")
        except NotNow:
            return 0
        except NotFound:
            self._due.pop(key, None)
            self._seen.pop(key, None)
            return 0
        self._due.pop(key, None)
        self._seen[key] = live.epoch if live is not None else None
        held = await self._lists.look(operator, station)
        if held.state is ListState.WAITING:
            self._due[key] = now + AGAIN_AFTER
        return 1
