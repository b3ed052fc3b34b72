"""M03, M04, M05: the certificates that stations have: listed, installed, deleted, and watched until they expire."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

import msgspec
from cryptography import x509

from releve.domain.anomaly import Anomaly, AnomalyKind
from releve.domain.certificates import (
    INSTALLABLE,
    CertificateHash,
    CertificateUse,
    DeleteCertificate,
    GetInstalledCertificates,
    InstallCertificate,
    InstalledCertificate,
    InstalledChain,
    InstalledOutcome,
)
from releve.domain.commands import Outcome, Result
from releve.domain.events import AnomalySeen
from releve.domain.ids import AnomalyId, OperatorId, StationId
from releve.services.certificates.hashes import find_named, hash_data
from releve.services.certificates.paths import may_issue
from releve.services.certificates.pem import load_chain, load_one, signed_by, to_pem
from releve.services.commands import Commands
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.ports import Clock, Ids, Store, Work
from releve.services.trusted_authorities import TrustedAuthorities, parsed

NOTHING_THERE = "NotFound"
"""The word of a station that has none of that kind (M03.FR.02), or no longer the one to be deleted (M04.FR.04)."""


class StationCertificates:
    def __init__(
        self, store: Store, clock: Clock, ids: Ids, commands: Commands, trust: TrustedAuthorities
    ) -> None:
        self._store = store
        self._clock = clock
        self._ids = ids
        self._commands = commands
        self._trust = trust

    async def held(self, operator: OperatorId, station: StationId) -> list[InstalledCertificate]:
        """What the station has, as far as it is known, by use."""
        async with self._store.work(operator) as work:
            return await work.holdings.all(station, InstalledCertificate)

    # --- installing ---------------------------------------------------------------------------------------------

    async def install(
        self,
        operator: OperatorId,
        station: StationId,
        use: CertificateUse,
        pem: str,
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Give the station an authority's certificate (M05). Invalid: what no station should be given."""
        certificate = self._installable(use, pem)
        command = InstallCertificate(use=use, certificate=to_pem([certificate]))
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted:
            await self._installed(operator, station, use, certificate)
        return outcome

    def _installable(self, use: CertificateUse, pem: str) -> x509.Certificate:
        if use not in INSTALLABLE:
            raise Invalid(f"{use} is not installed: it is signed (SignCertificate).", field="use")
        certificate = load_one(pem)
        if not may_issue(certificate):
            raise Invalid(
                "This certificate is not that of an authority: it may not issue certificates.",
                field="certificate",
            )
        if certificate.not_valid_after_utc <= self._clock.now():
            raise Invalid(
                f"This certificate expired on {certificate.not_valid_after_utc:%Y-%m-%d}.",
                field="certificate",
            )
        return certificate

    async def _installed(
        self,
        operator: OperatorId,
        station: StationId,
        use: CertificateUse,
        certificate: x509.Certificate,
    ) -> None:
        """Note it under the name that it most likely has; the station's own list says later which one it is."""
        issuers = [certificate, *await self._trust.authorities(operator)]
        issuer = next((i for i in issuers if signed_by(certificate, i)), certificate)
        holding = _described(
            InstalledCertificate(
                use=use,
                name=hash_data(certificate, issuer),
                installed_at=self._clock.now(),
            ),
            certificate,
        )
        async with self._store.work(operator) as work:
            for known in await work.holdings.all(station, InstalledCertificate):
                if known.use is use and known.pem == holding.pem:
                    return  # M05.FR.17: it replaces itself
            work.holdings.save(station, holding)

    # --- listing ------------------------------------------------------------------------------------------------

    async def fetch(
        self,
        operator: OperatorId,
        station: StationId,
        uses: Sequence[CertificateUse] = (),
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Ask the station what it has, and keep that (M03). uses empty: everything."""
        outcome = await self._ask(operator, station, tuple(uses), by, timeout)
        if isinstance(outcome, InstalledOutcome):
            await self._reported(operator, station, uses, outcome.certificates)
        return outcome

    async def _ask(
        self,
        operator: OperatorId,
        station: StationId,
        uses: tuple[CertificateUse, ...],
        by: str,
        timeout: float | None,
    ) -> Outcome:
        """In one message where the version can ask for all of them, else one for each use that it knows (1.6)."""
        command = GetInstalledCertificates(uses=uses)
        together = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if together.result is not Result.UNSUPPORTED or len(uses) == 1:
            return together
        found: list[InstalledChain] = []
        answered: Outcome | None = None
        for use in uses or CertificateUse:
            command = GetInstalledCertificates(uses=(use,))
            one = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
            if one.result is Result.UNSUPPORTED:
                continue
            if not isinstance(one, InstalledOutcome):
                return one
            found += one.certificates
            answered = one if answered is None or one.accepted else answered
        if answered is None:
            return together
        return msgspec.structs.replace(answered, certificates=tuple(found))

    async def _reported(
        self,
        operator: OperatorId,
        station: StationId,
        uses: Sequence[CertificateUse],
        chains: Sequence[InstalledChain],
    ) -> None:
        """The station's list replaces what was known of the uses that it was asked for."""
        now = self._clock.now()
        authorities = await self._trust.authorities(operator)
        async with self._store.work(operator) as work:
            before = await work.holdings.all(station, InstalledCertificate)
            known = [*authorities, *(parsed(h.pem) for h in before if h.pem)]
            kept = {}
            for chain in chains:
                if chain.use not in _USES:
                    continue  # a word that no version here knows; the message log has it
                holding = _holding(chain, known, before, now)
                kept[holding.key] = holding
            for old in before:
                if (not uses or old.use in uses) and old.key not in kept:
                    work.holdings.remove(station, InstalledCertificate, old.key)
            for holding in kept.values():
                work.holdings.save(station, holding)

    # --- deleting -----------------------------------------------------------------------------------------------

    async def delete(
        self,
        operator: OperatorId,
        station: StationId,
        key: str,
        *,
        even_last: bool = False,
        by: str = "",
        timeout: float | None = None,
    ) -> Outcome:
        """Take a certificate away, under the name by which the station itself reported it (M04.FR.07).

        NotNow for the last CSMS root unless even_last: without one the station cannot come back (M04, remarks).
        """
        async with self._store.work(operator) as work:
            held = await work.holdings.all(station, InstalledCertificate)
            own = await work.station_certificates.of(station)
        holding = next((h for h in held if h.key == key), None)
        if holding is None:
            raise NotFound("The station has no such certificate, as far as is known here.")
        if any(_is_leaf(one.pem, holding.name) for one in own):
            raise NotNow(
                "This is the certificate with which the station signs in here: it is renewed, not deleted."
            )  # M04.FR.06
        roots = [h for h in held if h.use is CertificateUse.CSMS_ROOT]
        if roots == [holding] and not even_last:
            raise NotNow(
                "This is the only CSMS root certificate that the station is known to have. Without one it cannot "
                "verify any CSMS, and cannot connect again. Say even_last to delete it all the same."
            )
        if holding.reported_at is None:
            raise NotNow(
                "Fetch the station's list first: how it names this certificate is not known yet."
            )
        command = DeleteCertificate(certificate=holding.name)
        outcome = await self._commands.perform(operator, station, command, by=by, timeout=timeout)
        if outcome.accepted or outcome.status == NOTHING_THERE:
            async with self._store.work(operator) as work:
                work.holdings.remove(station, InstalledCertificate, key)
        return outcome

    # --- watching -----------------------------------------------------------------------------------------------

    async def watch(self, operator: OperatorId, ahead: timedelta) -> int:
        """Flag stations with certificates that expire within `ahead`, or have; how many were flagged anew."""
        now = self._clock.now()
        async with self._store.work(operator) as work:
            held = await work.holdings.of_all(InstalledCertificate)
        ending: dict[StationId, list[InstalledCertificate]] = {}
        for station, holding in held:
            if holding.expires_at is not None and holding.expires_at <= now + ahead:
                ending.setdefault(station, []).append(holding)
        flagged = 0
        for station, holdings in ending.items():
            async with self._store.work(operator) as work:
                flagged += await self._flag(work, station, holdings, now)
        return flagged

    async def _flag(
        self,
        work: Work,
        station: StationId,
        holdings: Iterable[InstalledCertificate],
        now: datetime,
    ) -> bool:
        kind = AnomalyKind.CERTIFICATE_EXPIRES
        found = await work.stations.get(station)
        if found is None or await work.anomalies.open(station, kind, None) is not None:
            return False
        detail = {"certificates": [_told(holding) for holding in holdings]}
        work.anomalies.add(
            Anomaly(
                id=AnomalyId(self._ids.next()),
                operator=found.operator,
                station=station,
                kind=kind,
                detail=detail,
                seen_at=now,
            )
        )
        work.announce(
            AnomalySeen(
                operator=found.operator,
                station=station,
                identity=found.identity,
                at=now,
                kind=kind,
                detail=detail,
            )
        )
        return True


_USES = frozenset(str(use) for use in CertificateUse)


def _holding(
    chain: InstalledChain,
    known: Sequence[x509.Certificate],
    before: Sequence[InstalledCertificate],
    now: datetime,
) -> InstalledCertificate:
    """A reported certificate, with what is known of it."""
    use = CertificateUse(chain.use)
    holding = InstalledCertificate(
        use=use, name=chain.certificate, children=chain.children, reported_at=now
    )
    certificate = find_named(chain.certificate, known)
    if certificate is None:
        return holding
    holding = _described(holding, certificate)
    earlier = next((h for h in before if h.use is use and h.pem == holding.pem), None)
    if earlier is None:
        return holding
    return msgspec.structs.replace(holding, installed_at=earlier.installed_at)


def _is_leaf(chain: str, name: CertificateHash) -> bool:
    """Whether a hash names the first certificate of a chain that was signed here."""
    certificates = load_chain(chain)
    return len(certificates) > 1 and hash_data(
        certificates[0], certificates[1], name.hash_algorithm
    ).matches(name)


def _told(holding: InstalledCertificate) -> dict[str, str]:
    """What the operator reads of a certificate that ends."""
    assert holding.expires_at is not None
    return {
        "use": str(holding.use),
        "subject": holding.subject,
        "expires_at": holding.expires_at.isoformat(),
    }


def _described(
    holding: InstalledCertificate, certificate: x509.Certificate
) -> InstalledCertificate:
    return msgspec.structs.replace(
        holding,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        expires_at=certificate.not_valid_after_utc,
        pem=to_pem([certificate]),
    )
