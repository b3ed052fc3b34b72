"""B: a station boots, beats and tells what it is."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from zlib import crc32

import msgspec

from releve.domain.events import StationBooted
from releve.domain.ids import StationId
from releve.domain.station import BootDecision, Station
from releve.services.live import Inbound
from releve.services.ports import Clock, Store, Work
from releve.services.quirks import QuirkTable

CERTIFICATE_PROFILE = 3
"""The security profile at which stations come in by certificates."""


class Booted(msgspec.Struct, frozen=True, kw_only=True):
    """What a BootNotification says. details: the rest of it (iccid, imsi, meterType, ...)."""

    vendor: str
    model: str
    serial: str = ""
    firmware: str = ""
    reason: str = ""
    details: dict[str, str] = {}


class BootAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """interval_s: heartbeat interval when accepted, else the wait before the next boot (B01.FR.02, B02, B03)."""

    decision: BootDecision
    at: datetime
    interval_s: int


class BootPolicy(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. jitter: share by which a station's interval differs from these, at most."""

    heartbeat_s: int = 300
    retry_s: int = 60
    jitter: float = 0.0

    def spread(self, interval_s: int, station: StationId) -> int:
        """The interval of one station, always the same: after an outage all boot at once, and must not beat as one."""
        place = crc32(station.to_bytes(8, "big")) / 0xFFFFFFFF  # 0 to 1, evenly over any row ids
        return max(1, round(interval_s * (1 + self.jitter * (2 * place - 1))))


class Boot(msgspec.Struct, frozen=True, kw_only=True):
    """A boot that was answered, for what follows it. again: the station only says so whenever it connects."""

    decision: BootDecision
    interval_s: int
    first: bool
    changed: bool
    """Another model or firmware than at its last boot."""
    again: bool = False
    foreign: bool = False
    """Its serial number is not that of the certificate that it came in with."""


WhenBooted = Callable[[Inbound, Boot], None]
"""Called when a boot has been written down; what takes time is left for later (`Inbound.later`)."""

WithinBoot = Callable[[Work, Station, Station], Awaitable[None]]
"""Called in the unit of work that writes a boot down, with the station before and after it."""


class Provisioning:
    def __init__(
        self, store: Store, clock: Clock, policy: BootPolicy, quirks: QuirkTable | None = None
    ) -> None:
        self._store = store
        self._clock = clock
        self._policy = policy
        self._quirks = quirks or QuirkTable()
        self._booted: list[WhenBooted] = []
        self._within: list[WithinBoot] = []

    def when_booted(self, callback: WhenBooted) -> None:
        """Have something follow each boot, whatever the decision."""
        self._booted.append(callback)

    def within_boot(self, callback: WithinBoot) -> None:
        """Have something written down together with each boot."""
        self._within.append(callback)

    async def boot(self, inbound: Inbound, booted: Booted) -> BootAnswer:
        """Register a boot. The decision is the operator's; transactions stay as they are (1.6 4.2, B01)."""
        before = inbound.station
        foreign = foreign_serial(before, booted)
        decision = BootDecision.REJECTED if before.disabled or foreign else before.boot
        renewing = inbound.live.renewing
        if renewing is not None and decision is BootDecision.ACCEPTED:
            decision = BootDecision.PENDING  # A00.FR.429, A00.FR.806, A00.FR.807
        station = _as_told(before, booted, decision, inbound.at)
        async with self._store.work(station.operator) as work:
            work.stations.save(station)
            again = inbound.live.quirks.boots_on_reconnect and before.booted_at is not None
            if not again:
                work.variables.rebooted(station.id)
            inbound.live.station = station
            inbound.live.quirks = self._quirks.of(station)
            for write in self._within:
                await write(work, before, station)
            work.announce(_told(station, inbound.at, decision, booted.reason))
        interval = self._interval(station, decision)
        boot = Boot(
            decision=decision,
            interval_s=interval,
            first=before.booted_at is None,
            changed=(before.model, before.firmware) != (station.model, station.firmware),
            again=again,
            foreign=foreign,
        )
        if renewing is not None and decision is BootDecision.PENDING:
            renewing()
        for callback in self._booted:
            callback(inbound, boot)
        return BootAnswer(decision=decision, at=self._clock.now(), interval_s=interval)

    def _interval(self, station: Station, decision: BootDecision) -> int:
        if decision is BootDecision.ACCEPTED:
            # What the operator chose for this station is meant as it is.
            return station.heartbeat_s or self._policy.spread(self._policy.heartbeat_s, station.id)
        return self._policy.spread(self._policy.retry_s, station.id)

    async def heartbeat(self, inbound: Inbound) -> datetime:
        """The time, by which the station sets its clock (G02). That it was heard is noted by the gateway."""
        return self._clock.now()


def _as_told(before: Station, booted: Booted, decision: BootDecision, at: datetime) -> Station:
    return msgspec.structs.replace(
        before,
        vendor=booted.vendor or before.vendor,
        model=booted.model or before.model,
        serial=booted.serial or before.serial,
        firmware=booted.firmware or before.firmware,
        registered=decision is BootDecision.ACCEPTED,
        booted_at=at,
    )


def _told(station: Station, at: datetime, decision: BootDecision, reason: str) -> StationBooted:
    return StationBooted(
        operator=station.operator,
        station=station.id,
        identity=station.identity,
        at=at,
        decision=decision,
        vendor=station.vendor,
        model=station.model,
        firmware=station.firmware,
        reason=reason,
    )


def foreign_serial(station: Station, booted: Booted) -> bool:
    """Whether a station tells another serial number than its certificate's common name holds (B01.FR.11).

    Certificates may name the identity instead (A00.FR.511): then there is no serial number to compare.
    """
    named = station.certificate_name
    if station.security_profile < CERTIFICATE_PROFILE or not named or not booted.serial:
        return False
    return named != station.identity and named != booted.serial
