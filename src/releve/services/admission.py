"""A: may this station come in? Decided before the connection is opened, for every version alike."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.events import StationAppeared
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.station import BootDecision, Station, identity_problem
from releve.services.credentials import Credentials
from releve.services.flags import Flags
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Clock, Conflict, Ids, Store

TLS_FROM = 2
"""Security profiles 2 and 3 are over TLS."""


class UnknownStations(StrEnum):
    """What happens to a station that nobody registered."""

    REFUSE = "refuse"
    """404 at the handshake."""
    QUARANTINE = "quarantine"
    """It stands in the inbox, its boot is answered Pending, until the operator accepts it."""
    ACCEPT = "accept"
    """Registered and accepted outright: for laboratories."""


class Refused(StrEnum):
    MALFORMED = "malformed"
    UNKNOWN = "unknown"
    CREDENTIALS = "credentials"
    INSECURE = "insecure"
    DISABLED = "disabled"


class Claim(msgspec.Struct, frozen=True, kw_only=True):
    """What a newcomer says of itself. user, password: of Basic authentication, as bytes; None: no such header."""

    operator: str | None
    identity: str
    version: str
    strict_identity: bool
    """The version limits identities (2.x identifierString)."""
    user: bytes | None = None
    password: bytes | None = None
    secure: bool = False
    peer: str = ""


class Admission:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        credentials: Credentials,
        unknown: UnknownStations,
        *,
        hide_unknown: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._credentials = credentials
        self._unknown = unknown
        self._flags = Flags(ids)
        self._hide_unknown = hide_unknown
        self._decoy = credentials.verifier(credentials.generate())

    async def decide(self, claim: Claim) -> Station | Refused:
        """The station that may come in, or why not. Unknown and wrong take the same time to refuse."""
        station = await self._store.locate(claim.operator, claim.identity)
        if station is None:
            self._credentials.verify(self._decoy, claim.password or b"")
            return await self._stranger(claim)
        if station.disabled:
            return Refused.DISABLED
        if station.credential is not None and not self._authentic(
            station, station.credential, claim
        ):
            await self._tell(station, claim)
            return Refused.CREDENTIALS
        if station.security_profile >= TLS_FROM and not claim.secure:
            return Refused.INSECURE  # A05.FR.07
        return station

    async def _tell(self, station: Station, claim: Claim) -> None:
        """Tell the operator, once: a guess, or a password that was not set in the station."""
        inbound = Inbound(LiveStation(station), self._clock.now(), "connect", "", b"{}")
        async with self._store.work(station.operator) as work:
            await self._flags.raise_(
                work,
                inbound,
                AnomalyKind.CREDENTIALS_REFUSED,
                peer=claim.peer,
                presented=claim.password is not None,
            )

    def _authentic(self, station: Station, credential: str, claim: Claim) -> bool:
        """User name and identity have to be the same (A00.FR.205 ff.), the password one of its forms."""
        if claim.user is None or claim.password is None:
            return False
        known = self._credentials.verify(credential, claim.password)
        return (
            known
            and claim.user.decode("utf-8", "replace").casefold() == station.identity.casefold()
        )

    async def _stranger(self, claim: Claim) -> Station | Refused:
        if self._unknown is UnknownStations.REFUSE or claim.operator is not None:
            # At an operator's own address only its stations come in.
            return Refused.CREDENTIALS if self._hide_unknown else Refused.UNKNOWN
        if identity_problem(claim.identity, strict=claim.strict_identity) is not None:
            return Refused.MALFORMED
        quarantined = self._unknown is UnknownStations.QUARANTINE
        now = self._clock.now()
        station = Station(
            id=StationId(self._ids.next()),
            operator=DEFAULT_OPERATOR,
            identity=claim.identity,
            boot=BootDecision.PENDING if quarantined else BootDecision.ACCEPTED,
            quarantined=quarantined,
            version=claim.version,
            created_at=now,
        )
        try:
            async with self._store.work(station.operator) as work:
                work.stations.add(station)
                work.announce(
                    StationAppeared(
                        operator=station.operator,
                        station=station.id,
                        identity=station.identity,
                        at=now,
                    )
                )
        except Conflict:  # knocked twice at once: the other one registered it
            return await self._store.locate(claim.operator, claim.identity) or Refused.UNKNOWN
        return station
