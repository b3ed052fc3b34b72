"""Who is connected here: one owner per station, with an epoch that grows at each connection."""

from __future__ import annotations

from collections import OrderedDict, deque
from datetime import datetime
from typing import TYPE_CHECKING, Any

from releve.domain.ids import StationId
from releve.domain.station import Connectivity
from releve.ocpp.rpc.retransmission import AnsweredCalls
from releve.services.live import LiveStation

if TYPE_CHECKING:
    from releve.gateway.link import Link

FLAPPING_TIMES = 5
FLAPPING_WITHIN_S = 60.0
REMEMBERED = 10_000
"""Stations whose last answers are kept after they have gone; more only while as many are connected."""


class Roster:
    """The links of this process, by station. Implements `services.ports.Presence`.

    A newcomer takes the station over at once: from then on the old link can neither answer for it nor, when it closes,
    mark it offline.
    """

    def __init__(self) -> None:
        self._links: dict[StationId, Link] = {}
        self._heard: dict[StationId, datetime] = {}
        self._replaced: dict[StationId, deque[float]] = {}
        self._answered: OrderedDict[StationId, AnsweredCalls] = OrderedDict()
        self._resting: dict[StationId, list[Link]] = {}
        self.replaced = 0

    def answers_of(self, station: StationId) -> AnsweredCalls:
        """The memory of answers given to a station; it outlives the connection, for the latest REMEMBERED stations."""
        answers = self._answered.pop(station, None) or AnsweredCalls()
        self._answered[station] = answers
        if len(self._answered) > max(REMEMBERED, len(self._links)):
            self._answered.popitem(last=False)
        return answers

    def take(self, link: Link, now: float) -> Link | None:
        """Make `link` the owner of its station; the link that it replaces, if there is one."""
        station = link.station.id
        old = self._links.get(station)
        self._links[station] = link
        if old is not None:
            self.replaced += 1
            times = self._replaced.setdefault(station, deque(maxlen=FLAPPING_TIMES))
            times.append(now)
        return old

    def flaps(self, station: StationId, now: float) -> bool:
        """Whether connections of this station replaced each other in quick succession."""
        times = self._replaced.get(station)
        return (
            times is not None
            and len(times) == FLAPPING_TIMES
            and now - times[0] < FLAPPING_WITHIN_S
        )

    def leave(self, link: Link) -> bool:
        """A link has closed. True if it was the owner, so that the station is offline now."""
        station = link.station.id
        if self._links.get(station) is not link:
            return False
        del self._links[station]
        self._heard.pop(station, None)
        self._replaced.pop(station, None)
        return True

    def not_yet_idle(self, link: Link) -> None:
        """A link that is no owner any more has a handler at work: what it writes is not on disk yet."""
        self._resting.setdefault(link.station.id, []).append(link)

    def idle(self, link: Link) -> None:
        """Its handler has ended."""
        resting = self._resting.get(link.station.id, [])
        if link in resting:
            resting.remove(link)
            if not resting:
                del self._resting[link.station.id]

    def at_work(self, station: StationId) -> Link | None:
        """A former link of this station whose handler has not ended."""
        resting = self._resting.get(station)
        return resting[0] if resting else None

    def owns(self, link: Link) -> bool:
        """Whether `link` still speaks for its station."""
        return self._links.get(link.station.id) is link

    def link(self, station: StationId) -> Link | None:
        """The link that owns a station."""
        return self._links.get(station)

    def links(self) -> list[Link]:
        """All owners."""
        return list(self._links.values())

    # --- services.ports.Presence --------------------------------------------------------------------------------

    def connectivity(self, station: StationId) -> Connectivity | None:
        return Connectivity.ONLINE if station in self._links else None

    def heard_at(self, station: StationId) -> datetime | None:
        link = self._links.get(station)
        return link.heard_at if link is not None else None

    def connected(self) -> int:
        return len(self._links)

    def live(self, station: StationId) -> LiveStation | None:
        link = self._links.get(station)
        return link.live if link is not None else None

    def changed(self, station: StationId, changes: dict[str, Any]) -> None:
        link = self._links.get(station)
        if link is not None:
            link.adopt(changes)

    def heard_since_last(self) -> list[tuple[Link, datetime]]:
        """Stations heard since the last time this was asked, for the rows' last_heard_at."""
        fresh = []
        for station, link in self._links.items():
            if self._heard.get(station) != link.heard_at:
                self._heard[station] = link.heard_at
                fresh.append((link, link.heard_at))
        return fresh
