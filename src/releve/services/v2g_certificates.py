"""A02, A03 for V2G certificates: a station asks, a sub-CA of the ecosystem signs, the station is handed the chain."""

from __future__ import annotations

from datetime import timedelta

from releve.domain.certificates import (
    CertificateHash,
    CertificateUse,
    InstalledCertificate,
)
from releve.domain.commands import TriggerMessage
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationState
from releve.domain.security_commands import CertificateSigned, SigningUse
from releve.domain.station import Station
from releve.domain.v2g_authority import V2gAuthority
from releve.services.certificates.authority import chain_of
from releve.services.certificates.hashes import hash_data
from releve.services.certificates.pem import load_chain, to_pem
from releve.services.certificates.signing_requests import SigningRequest, read
from releve.services.certificates.v2g import sign_v2g
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotNow
from releve.services.live import Inbound
from releve.services.operations import Operations, refusal
from releve.services.ports import Clock, Store
from releve.services.security.ports import Errands, SigningFailed
from releve.services.v2g_authorities import V2gAuthorities

KIND = "v2g-certificate"
TRIGGERS = {SigningUse.V2G: "SignV2GCertificate", SigningUse.V2G20: "SignV2G20Certificate"}
PATIENCE = timedelta(hours=24)


class V2gCertificates:
    def __init__(
        self,
        store: Store,
        clock: Clock,
        commands: Commands,
        operations: Operations,
        authorities: V2gAuthorities,
        errands: Errands,
    ) -> None:
        self._store = store
        self._clock = clock
        self._commands = commands
        self._operations = operations
        self._authorities = authorities
        self._errands = errands
        self._under_way: set[StationId] = set()

    async def renew(
        self,
        operator: OperatorId,
        station: StationId,
        use: SigningUse = SigningUse.V2G,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Operation:
        """Have a station ask for a V2G certificate (A02). Ends when it has taken it."""
        if use not in TRIGGERS:
            raise Invalid(f"{use} is not for cars.", field="use")
        if await self._authorities.for_request(operator, use, None) is None:
            raise NotNow(f"There is no V2G authority for a {use} yet: add one first.")
        return await self._operations.begin(
            operator,
            station,
            KIND,
            lambda _: TriggerMessage(message=TRIGGERS[use]),
            by=by,
            patience=PATIENCE,
            arguments={"use": str(use)},
            timeout=timeout,
        )

    async def take(
        self,
        inbound: Inbound,
        csr: str,
        use: SigningUse,
        request_id: int | None,
        root: CertificateHash | None = None,
    ) -> bool:
        """Take on a station's request, or not (A02.FR.11, A02.FR.12): one at a time. root: whose PKI (A02.FR.27)."""
        station = inbound.station
        request = read(csr)
        authority = await self._authorities.for_request(station.operator, use, root)
        problem = _problem(request, authority, busy=station.id in self._under_way)
        if problem or isinstance(request, str) or authority is None:
            await self._operations.progress(
                inbound, (KIND,), None, "Rejected", failed={"Rejected"}, detail={"problem": problem}
            )
            return False
        self._under_way.add(station.id)
        self._errands.start(self._deliver(station, request, use, request_id, authority))
        return True

    async def _deliver(
        self,
        station: Station,
        request: SigningRequest,
        use: SigningUse,
        request_id: int | None,
        authority: V2gAuthority,
    ) -> None:
        try:
            operation = await self._operations.latest(station.operator, station.id, (KIND,))
            try:
                chain = await self._signed(station.operator, request, authority)
            except SigningFailed as failed:
                await self._end(operation, OperationState.FAILED, str(failed))
                return
            command = CertificateSigned(chain=chain, use=use, request_id=request_id)
            outcome = await self._commands.perform(station.operator, station.id, command)
            if not outcome.accepted:
                await self._end(operation, OperationState.FAILED, refusal(outcome))
                return
            await self._taken(station, chain, authority)
            await self._end(operation, OperationState.DONE, "", outcome.status or "")
        finally:
            self._under_way.discard(station.id)

    async def _signed(
        self, operator: OperatorId, request: SigningRequest, authority: V2gAuthority
    ) -> str:
        # A02.FR.04: an authority of the ecosystem signs, whose key the operator was entrusted with.
        signer = self._authorities.signer(operator, authority)
        now = self._clock.now()
        leaf = await self._errands.aside(
            lambda: sign_v2g(signer, request.pem, now, authority.days, authority.responder)
        )
        return to_pem(chain_of(signer, leaf))

    async def _taken(self, station: Station, chain: str, authority: V2gAuthority) -> None:
        """The station has it now: noted, so that its end is watched."""
        certificates = load_chain(chain)
        issuers = [*certificates[1:], load_chain(authority.chain)[-1]]
        names = [hash_data(c, i) for c, i in zip(certificates, issuers, strict=True)]
        leaf = certificates[0]
        holding = InstalledCertificate(
            use=CertificateUse.V2G_CHAIN,
            name=names[0],
            children=tuple(names[1:]),
            subject=leaf.subject.rfc4514_string(),
            issuer=leaf.issuer.rfc4514_string(),
            expires_at=leaf.not_valid_after_utc,
            pem=to_pem([leaf]),
            installed_at=self._clock.now(),
        )
        async with self._store.work(station.operator) as work:
            work.holdings.save(station.id, holding)

    async def _end(
        self, operation: Operation | None, state: OperationState, problem: str, status: str = ""
    ) -> None:
        if operation is not None:
            await self._operations.finish(
                operation.operator, operation.id, state, status=status or None, problem=problem
            )


def _problem(request: SigningRequest | str, authority: V2gAuthority | None, *, busy: bool) -> str:
    """Why a request is not taken on, in an operator's words; empty: it is."""
    if isinstance(request, str):
        return f"The station's request for a certificate was rejected: {request}."
    if authority is None:
        return "There is no V2G authority for this request."
    return "A request of this station is being signed: one at a time." if busy else ""
