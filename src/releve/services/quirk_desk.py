"""What the operator sees and switches of a station's quirks and learned limits."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from releve.domain.events import StationChanged
from releve.domain.ids import OperatorId, StationId
from releve.domain.quirks_told import QUIRKS
from releve.domain.station import Station
from releve.services.errors import Invalid, NotFound
from releve.services.limits import LIMITS
from releve.services.ports import Clock, Presence, Store
from releve.services.quirks import QuirkTable, switched


class QuirkView(msgspec.Struct, frozen=True, kw_only=True):
    """A quirk that a station has. origin: the family's id, or "operator". wrong, remedy: for people."""

    name: str
    value: Any
    origin: str
    wrong: str
    remedy: str


class FamilyView(msgspec.Struct, frozen=True, kw_only=True):
    """A family that a station belongs to. sources: where it was reported."""

    id: str
    name: str
    note: str
    sources: list[str]


class StationQuirks(msgspec.Struct, frozen=True, kw_only=True):
    """switched: what the operator has set for this station alone, by name."""

    families: list[FamilyView]
    quirks: list[QuirkView]
    switched: dict[str, Any]


class QuirkDesk:
    def __init__(self, store: Store, clock: Clock, presence: Presence, table: QuirkTable) -> None:
        self._store = store
        self._clock = clock
        self._presence = presence
        self.table = table

    async def of(self, operator: OperatorId, station: StationId) -> StationQuirks:
        """The quirks of a station, with where each is known from; NotFound."""
        return self.view(await self._station(operator, station))

    def view(self, station: Station) -> StationQuirks:
        """The same, of a row at hand."""
        families = self.table.matched(station)
        origin: dict[str, str] = {}
        for family in families:
            origin |= dict.fromkeys(msgspec.to_builtins(family.quirks), family.id)
        origin |= dict.fromkeys(station.quirks, "operator")
        has = msgspec.to_builtins(self.table.of(station))
        return StationQuirks(
            families=[
                FamilyView(id=f.id, name=f.name, note=f.note, sources=list(f.sources))
                for f in families
            ],
            quirks=[
                QuirkView(
                    name=name,
                    value=has[name],
                    origin=origin.get(name, ""),
                    wrong=told.wrong,
                    remedy=told.remedy,
                )
                for name, told in QUIRKS.items()
                if name in has
            ],
            switched=station.quirks,
        )

    async def switch(
        self, operator: OperatorId, station: StationId, changes: Mapping[str, Any]
    ) -> StationQuirks:
        """Switch quirks of one station, at once also for a connected one. None: as the table has it."""
        found = await self._station(operator, station)
        changed = await self._save(found, switched(found, changes))
        return self.view(changed)

    async def set_limits(
        self, operator: OperatorId, station: StationId, changes: Mapping[str, int | None]
    ) -> Station:
        """Set learned limits of one station by hand; None: as the station tells it."""
        unknown = sorted(set(changes) - LIMITS.keys())
        if unknown:
            raise Invalid(f"There is no limit {', '.join(unknown)}.", field=unknown[0])
        found = await self._station(operator, station)
        own = {**(found.quirks.get("limits") or {}), **changes}
        own = {name: value for name, value in own.items() if value is not None}
        return await self._save(found, switched(found, {"limits": own or None}))

    async def _station(self, operator: OperatorId, station: StationId) -> Station:
        live = self._presence.live(station)
        if live is not None and live.station.operator == operator:
            return live.station
        async with self._store.work(operator) as work:
            found = await work.stations.get(station)
        if found is None:
            raise NotFound("There is no such station.")
        return found

    async def _save(self, station: Station, quirks: dict[str, Any]) -> Station:
        async with self._store.work(station.operator) as work:
            live = self._presence.live(station.id)
            if live is not None:  # a message may have changed it meanwhile
                station = live.station
            changed = msgspec.structs.replace(station, quirks=quirks)
            if live is not None:
                live.station, live.quirks = changed, self.table.of(changed)
            work.stations.save(changed)
            work.announce(
                StationChanged(
                    operator=changed.operator,
                    station=changed.id,
                    identity=changed.identity,
                    at=self._clock.now(),
                    what=("quirks",),
                )
            )
        self._presence.changed(station.id, {"quirks": quirks})
        return changed
