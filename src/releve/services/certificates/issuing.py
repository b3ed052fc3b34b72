"""A02, A03: a station asks for a certificate, by itself or because it was told to; it is judged, signed, handed over.

The answer to SignCertificate says only whether that will be tried. Signing may take time (another authority's server),
so it goes on beside the messages; one request of a station at a time (abuse case 23). What is lost on the way is asked
for again by the station (A02.FR.17, A02.FR.18).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import msgspec
import structlog
from cryptography import x509

from releve.domain.certificates import CertificateHash
from releve.domain.commands import Outcome, Result, TriggerMessage
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.security import (
    CERTIFICATE_PROFILE,
    DISCARDED_CERTIFICATE,
    REJECTED_CERTIFICATE,
    CertificateState,
    SecurityEvent,
    StationCertificate,
)
from releve.domain.security_commands import CertificateSigned, SigningUse
from releve.domain.station import Station
from releve.services.certificates.pem import common_names, load_chain, serial_hex
from releve.services.certificates.signing_requests import SigningRequest, misfit, read
from releve.services.commands import Commands
from releve.services.errors import NotFound, NotNow
from releve.services.lately import Lately
from releve.services.live import Inbound
from releve.services.operations import Operations, refusal
from releve.services.ports import Caller, Clock, Store, Work
from releve.services.security.events import SecurityEventDesk
from releve.services.security.ports import CertificateSigner, Errands, SigningFailed
from releve.services.security.trust import TrustStore, certificate_names

log = structlog.get_logger(__name__)

KIND = "certificate"
TRIGGER = "SignChargingStationCertificate"
PATIENCE = timedelta(hours=24)
"""How long a renewal may take: a station makes its key when it is idle, and asks again by doubling waits."""
TRIES = 3
AGAIN_S = 10.0
"""Wait before a certificate is handed over again, doubled each time."""
FLOOD = 6
"""Requests of a station within FLOOD_TIME; more are rejected."""
FLOOD_TIME = timedelta(minutes=10)
BETWEEN = timedelta(hours=1)
"""A station that discards its new certificates is told to make another at most once in this time."""

ForVehicles = Callable[
    [Inbound, str, SigningUse, int | None, CertificateHash | None], Awaitable[bool]
]
"""Takes a request for a V2G certificate (ISO 15118); whether it was taken on."""


class Certificates:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        caller: Caller,
        operations: Operations,
        trust: TrustStore,
        signer: CertificateSigner,
        events: SecurityEventDesk,
        errands: Errands,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._caller = caller
        self._operations = operations
        self._trust = trust
        self._signer = signer
        self._events = events
        self._errands = errands
        self._under_way: set[StationId] = set()
        self._asked: Lately[StationId] = Lately(FLOOD_TIME, FLOOD)
        self._begun_again: Lately[StationId] = Lately(BETWEEN)
        self._for_vehicles: ForVehicles | None = None

    def for_vehicles(self, taker: ForVehicles) -> None:
        """Who takes requests for V2G certificates."""
        self._for_vehicles = taker

    # --- a station asks -----------------------------------------------------------------------------------------

    async def sign(
        self,
        inbound: Inbound,
        csr: str,
        use: SigningUse | None = None,
        request_id: int | None = None,
        root: CertificateHash | None = None,
    ) -> bool:
        """Judge a request; whether it is taken on (A02.FR.11, A03.FR.11) or rejected (A02.FR.12, A03.FR.12)."""
        if use in (SigningUse.V2G, SigningUse.V2G20):
            if self._for_vehicles is None:
                return False
            return await self._for_vehicles(inbound, csr, use, request_id, root)
        station = inbound.station
        if station.id in self._under_way or self._floods(station.id, inbound.at):
            log.warning("too many requests for a certificate", station=station.identity)
            return False  # abuse case 23: one at a time, and not without end
        problem, request = await self._judged(station, csr)
        if request is None:
            await self._events.noticed(station, REJECTED_CERTIFICATE, problem)
            await self._operations.progress(
                inbound, (KIND,), None, "Rejected", failed={"Rejected"}, detail={"problem": problem}
            )
            return False
        self._under_way.add(station.id)
        self._errands.start(self._deliver(station, request, use is not None, request_id))
        return True

    async def _judged(self, station: Station, csr: str) -> tuple[str, SigningRequest | None]:
        request = read(csr)
        if isinstance(request, str):
            return f"A request for a certificate was rejected: {request}.", None
        policy = (await self._trust.of(station.operator)).policy
        wrong = misfit(request, certificate_names(station), policy.organisations)
        if wrong is not None:
            return f"A request for a certificate was rejected: {wrong}.", None
        return "", request

    def _floods(self, station: StationId, at: datetime) -> bool:
        if self._asked.count(station, at) >= FLOOD:
            return True
        self._asked.note(station, at)
        return False

    async def _deliver(
        self, station: Station, request: SigningRequest, tell_use: bool, request_id: int | None
    ) -> None:
        try:
            operation = await self._operations.latest(station.operator, station.id, (KIND,))
            chain = await self._signed(station, request, operation)
            if chain is not None:
                await self._hand_over(station, chain, operation, tell_use, request_id)
        finally:
            self._under_way.discard(station.id)

    async def _signed(
        self, station: Station, request: SigningRequest, operation: Operation | None
    ) -> str | None:
        # A02.FR.04, A03.FR.04: an authority signs, built in or elsewhere, not the one who asks for it.
        days = (await self._trust.of(station.operator)).policy.certificate_days
        try:
            chain = await self._signer.sign(station.operator, request, days)
            _checked(chain, request)
        except SigningFailed as failed:
            log.warning("not signed", station=station.identity, reason=str(failed))
            await self._events.noticed(station, "CertificateNotSigned", str(failed))
            await self._end(operation, OperationState.FAILED, problem=str(failed))
            return None
        certificate = described(station, chain, self._clock.now())
        async with self._store.work(station.operator) as work:
            work.station_certificates.save(certificate)
        return chain

    async def _hand_over(
        self,
        station: Station,
        chain: str,
        operation: Operation | None,
        tell_use: bool,
        request_id: int | None,
    ) -> None:
        command = CertificateSigned(chain=chain, tell_use=tell_use, request_id=request_id)
        outcome = await self._tried(station, command)
        self._under_way.discard(station.id)  # it has answered: it may ask again
        certificate = described(station, chain, self._clock.now())
        if outcome.accepted:
            await self._taken(station, certificate)
            result = {"serial": certificate.serial, "not_after": certificate.not_after.isoformat()}
            await self._end(
                operation, OperationState.DONE, status=outcome.status or "", result=result
            )
            return
        if outcome.result is Result.ANSWERED or outcome.result is Result.ERROR:
            await self._refused(station, certificate)
        await self._end(operation, OperationState.FAILED, problem=refusal(outcome))

    async def _tried(self, station: Station, command: CertificateSigned) -> Outcome:
        """Hand it over; again, later, to a station that does not answer. One that is gone asks for it again."""
        wait_s = AGAIN_S
        for left in reversed(range(TRIES)):
            outcome = await self._commands.perform(station.operator, station.id, command)
            if outcome.result not in (Result.TIMEOUT, Result.BUSY) or not left:
                break
            await self._errands.pause(wait_s)
            wait_s *= 2
        return outcome

    async def _taken(self, station: Station, certificate: StationCertificate) -> None:
        """It is the station's certificate now; the one before works until it ends, for a station that falls back."""
        async with self._store.work(station.operator) as work:
            await _replace_active(work, station.id, certificate)
            row = await work.stations.get(station.id)
            if row is not None and not row.certificate_name:
                work.stations.save_security(
                    msgspec.structs.replace(row, certificate_name=certificate.common_name)
                )

    async def _refused(self, station: Station, certificate: StationCertificate) -> None:
        async with self._store.work(station.operator) as work:
            work.station_certificates.save(
                msgspec.structs.replace(certificate, state=CertificateState.REJECTED)
            )
        await self._trust.changed(station.operator)

    async def _end(
        self,
        operation: Operation | None,
        state: OperationState,
        *,
        status: str | None = None,
        problem: str = "",
        result: dict[str, str] | None = None,
    ) -> None:
        if operation is not None:
            await self._operations.finish(
                operation.operator,
                operation.id,
                state,
                status=status,
                problem=problem,
                result=dict(result or {}),
            )

    # --- the operator asks --------------------------------------------------------------------------------------

    async def renew(
        self,
        operator: OperatorId,
        station: StationId,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Tell a station to make a new key and ask for its certificate (A02). DONE when it has taken it."""
        running = await self._operations.latest(operator, station, (KIND,))
        if running is not None:
            raise NotNow("A certificate is being renewed already: wait for it, or cancel that.")
        policy = (await self._trust.of(operator)).policy
        if not policy.organisations:
            raise NotNow("There is no certificate authority yet: create it first.")
        return await self._operations.begin(
            operator,
            station,
            KIND,
            lambda _: TriggerMessage(message=TRIGGER),
            by=by,
            patience=PATIENCE,
            timeout=timeout,
        )

    def renew_soon(self, station: Station) -> None:
        """Begin a renewal beside what goes on now, unless one is under way."""
        self._errands.start(self._renew_quietly(station))

    def discarded(self, station: Station, event: SecurityEvent) -> None:
        """A station could not connect with its new certificate and threw it away: begin again (A02.FR.29, A03.FR.25).

        Not again and again: where it does not work the second time either, a person has to look.
        """
        if event.kind != DISCARDED_CERTIFICATE:
            return
        if self._begun_again.count(station.id, event.received_at):
            log.warning("discarded again", station=station.identity)
            return
        self._begun_again.note(station.id, event.received_at)
        self.renew_soon(station)

    async def _renew_quietly(self, station: Station) -> None:
        try:
            await self.renew(station.operator, station.id, by="renewal")
        except NotNow as reason:
            log.info("not renewed", station=station.identity, reason=str(reason))

    async def of(self, operator: OperatorId, station: StationId) -> list[StationCertificate]:
        """Certificates that were signed for a station, newest first."""
        async with self._store.work(operator) as work:
            return await work.station_certificates.of(station)

    async def revoke(
        self, operator: OperatorId, station: StationId, serial: str
    ) -> StationCertificate:
        """Believe a certificate no more; a connection that stands by it is closed."""
        async with self._store.work(operator) as work:
            found = [
                c for c in await work.station_certificates.of(station) if c.serial == serial.lower()
            ]
            if not found:
                raise NotFound("There is no such certificate of this station.")
            if found[0].revoked:
                raise NotNow("This certificate is revoked already.")
            revoked = msgspec.structs.replace(
                found[0], state=CertificateState.REVOKED, changed_at=self._clock.now()
            )
            work.station_certificates.save(revoked)
            row = await work.stations.get(station)
        await self._trust.changed(operator)
        if row is not None and row.security_profile == CERTIFICATE_PROFILE:
            await self._caller.disconnect(station, "certificate revoked")
        return revoked

    async def renew_due(self, operator: OperatorId, connected: Callable[[StationId], bool]) -> int:
        """Begin the renewal of certificates that end soon, at stations that are there; how many."""
        days = (await self._trust.of(operator)).policy.renew_before_days
        if not days:
            return 0
        before = self._clock.now() + timedelta(days=days)
        async with self._store.work(operator) as work:
            ending = await work.station_certificates.ending(before)
        begun = 0
        for certificate in ending:
            station = certificate.station
            if not connected(station):
                continue
            if await self._operations.latest(operator, station, (KIND,)) is None:
                await self.renew(operator, station, by="renewal")
                begun += 1
        return begun


def described(station: Station, chain: str, now: datetime) -> StationCertificate:
    """The row of a chain that was signed."""
    leaf = load_chain(chain)[0]
    return StationCertificate(
        operator=station.operator,
        station=station.id,
        serial=serial_hex(leaf),
        issuer=leaf.issuer.public_bytes().hex(),
        issuer_name=next(iter(common_names(leaf.issuer)), ""),
        common_name=next(iter(common_names(leaf.subject)), ""),
        state=CertificateState.SENT,
        not_before=leaf.not_valid_before_utc,
        not_after=leaf.not_valid_after_utc,
        pem=chain,
        changed_at=now,
    )


async def _replace_active(work: Work, station: StationId, new: StationCertificate) -> None:
    for old in await work.station_certificates.of(station):
        if old.state is CertificateState.ACTIVE and old.serial != new.serial:
            replaced = msgspec.structs.replace(
                old, state=CertificateState.REPLACED, changed_at=new.changed_at
            )
            work.station_certificates.save(replaced)
    work.station_certificates.save(msgspec.structs.replace(new, state=CertificateState.ACTIVE))


def _checked(chain: str, request: SigningRequest) -> None:
    """What another authority answers must fit what was asked: SigningFailed otherwise."""
    certificates = load_chain(chain)
    asked = x509.load_pem_x509_csr(request.pem.encode())
    if certificates[0].public_key() != asked.public_key():
        raise SigningFailed("The authority answered with a certificate for another key.")
    if common_names(certificates[0].subject) != (request.common_name,):
        raise SigningFailed("The authority answered with a certificate for another name.")
    if len(chain) > LONGEST_CHAIN:
        raise SigningFailed("The authority's chain is longer than a station can take.")


LONGEST_CHAIN = 10_000
"""Characters (CertificateSignedRequest.certificateChain)."""
