"""A: may this station come in? Decided before the connection is opened, for every version alike."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from releve.domain.anomaly import AnomalyKind
from releve.domain.events import StationAppeared
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.security import (
    CERTIFICATE_PROFILE,
    FAILED_TO_AUTHENTICATE,
    HIGHEST_PROFILE,
    REJECTED_CERTIFICATE,
    TLS_FROM,
)
from releve.domain.station import BootDecision, Station, identity_problem
from releve.services.credentials import Credentials
from releve.services.flags import Flags
from releve.services.live import Inbound, LiveStation
from releve.services.ports import Clock, Conflict, Ids, Store
from releve.services.security.client_status import ClientStatus
from releve.services.security.events import SecurityEventDesk
from releve.services.security.trust import TrustStore


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
    CERTIFICATE = "certificate"
    INSECURE = "insecure"
    """It came with a lower security profile than it has to."""
    PROFILE = "profile"
    """It came with a higher security profile than it is known with, and nobody has told it to."""
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
    certificates: tuple[bytes, ...] = ()
    """What it proved by TLS to be: its certificate, then those above it (DER)."""
    peer: str = ""


class Admitted(msgspec.Struct, frozen=True, kw_only=True):
    """A station that may come in, and how it proved who it is: noted once its connection is open."""

    station: Station
    profile: int = 0
    """The security profile that it came with."""
    new_password: bool = False
    """It presented the password whose change was not known to have succeeded."""
    certificate_name: str = ""
    expired: bool = False
    """Its certificate has expired: it is let in only to get a new one (A00.FR.429)."""


class Admission:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        credentials: Credentials,
        unknown: UnknownStations,
        trust: TrustStore,
        events: SecurityEventDesk,
        status: ClientStatus,
        *,
        hide_unknown: bool = False,
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._credentials = credentials
        self._unknown = unknown
        self._trust = trust
        self._events = events
        self._status = status
        self._flags = Flags(ids)
        self._hide_unknown = hide_unknown
        self._decoy = credentials.verifier(credentials.generate())

    async def decide(self, claim: Claim) -> Admitted | Refused:
        """The station that may come in, or why not. Unknown and wrong take the same time to refuse."""
        station = await self._store.locate(claim.operator, claim.identity)
        if station is None:
            self._credentials.verify(self._decoy, claim.password or b"")
            stranger = await self._stranger(claim)
            return stranger if isinstance(stranger, Refused) else Admitted(station=stranger)
        if station.disabled:
            return Refused.DISABLED
        decided = await self._judge(station, claim)
        if isinstance(decided, Refused) and self._hide_unknown:
            return Refused.CREDENTIALS  # any other word would say that it exists
        return decided

    async def _judge(self, station: Station, claim: Claim) -> Admitted | Refused:
        """One security profile at a time (A00.FR.001); one that does not fit is refused (A00.FR.002, A05.FR.07)."""
        allowed = allowed_profiles(station)
        if _comes_by_certificate(station, claim) and CERTIFICATE_PROFILE in allowed:
            return await self._by_certificate(station, claim)
        credential = self._authentic(station, claim)
        if credential is not None:
            arrived = TLS_FROM if claim.secure else 1
            if arrived in allowed:
                return Admitted(
                    station=station,
                    profile=arrived,
                    new_password=credential == station.credential_next,
                )
            return await self._other_profile(station, claim, arrived)
        if station.security_profile == 0 and station.credential is None:
            return Admitted(station=station)
        if station.security_profile == CERTIFICATE_PROFILE:
            return await self._other_profile(station, claim, TLS_FROM if claim.secure else 0)
        if station.credential is None and not claim.secure:
            return Refused.INSECURE
        await self._tell(station, claim)
        return Refused.CREDENTIALS

    async def _by_certificate(self, station: Station, claim: Claim) -> Admitted | Refused:
        presented = await self._trust.judge(station, claim.certificates)
        problem = presented.problem
        if presented.expired and not station.accept_expired:
            problem = "Its certificate has expired."
        problem = problem or await self._status.problem(station, presented.path)
        if problem:
            # A00.FR.407, A00.FR.408: turned away, and told.
            await self._events.noticed(
                station, REJECTED_CERTIFICATE, f"{problem} From {claim.peer}."
            )
            return Refused.CERTIFICATE
        return Admitted(
            station=station,
            profile=CERTIFICATE_PROFILE,
            certificate_name=presented.common_name,
            expired=presented.expired,
        )

    async def _other_profile(self, station: Station, claim: Claim, arrived: int) -> Refused:
        lower = arrived < station.security_profile
        kind = "SecurityProfileTooLow" if lower else "SecurityProfileUnexpected"
        told = f"It came with security profile {arrived} instead of {station.security_profile}"
        await self._events.noticed(station, kind, f"{told}, from {claim.peer}.")
        if lower and claim.secure:
            return Refused.CERTIFICATE
        return Refused.INSECURE if lower else Refused.PROFILE

    async def _tell(self, station: Station, claim: Claim) -> None:
        """Tell the operator, once: a guess, or a password that was not set in the station."""
        inbound = Inbound(LiveStation(station), self._clock.now(), "connect", "", b"{}")
        presented = claim.password is not None
        async with self._store.work(station.operator) as work:
            await self._flags.raise_(
                work,
                inbound,
                AnomalyKind.CREDENTIALS_REFUSED,
                peer=claim.peer,
                presented=presented,
            )
        what = "a wrong password" if presented else "no password"
        await self._events.noticed(
            station, FAILED_TO_AUTHENTICATE, f"It came with {what}, from {claim.peer}."
        )

    def _authentic(self, station: Station, claim: Claim) -> str | None:
        """The credential that was met. A00.FR.207, A00.FR.324: user name is the identity, and the password fits."""
        if claim.user is None or claim.password is None:
            return None
        named = claim.user.decode("utf-8", "replace").casefold() == station.identity.casefold()
        met = None
        for credential in (station.credential_next, station.credential):
            if credential and self._credentials.verify(credential, claim.password):
                met = credential
        return met if named else None

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


def allowed_profiles(station: Station) -> frozenset[int]:
    """What a station may come with: its profile, the one that it is moving to, and before its first boot any higher.

    A station that was just registered settles by its first connection which profile it was set up with.
    """
    allowed = {station.security_profile}
    if station.profile_next is not None:
        allowed.add(station.profile_next)
    if station.booted_at is None or (station.security_profile == 0 and station.credential):
        allowed.update(range(station.security_profile + 1, HIGHEST_PROFILE + 1))
    return frozenset(allowed)


def _comes_by_certificate(station: Station, claim: Claim) -> bool:
    """Whether the certificate is what it wants to be known by: some send one beside a password, if asked."""
    if not claim.secure or not claim.certificates:
        return False
    return claim.password is None or station.security_profile == CERTIFICATE_PROFILE
