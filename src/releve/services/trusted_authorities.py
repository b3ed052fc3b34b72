"""A00, C07, M: the operator's one register of authorities, by what they are believed for.

What comes from them is believed of stations' doors and of cars, and their certificates are installed in stations.
Changes reach the doors at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from cryptography import x509

from releve.domain.ids import OperatorId
from releve.domain.trusted_authority import AuthorityUse, TrustedAuthority
from releve.services.certificates.paths import may_issue
from releve.services.certificates.pem import (
    fingerprint,
    key_problem,
    load_chain,
    load_one,
    serial_hex,
    to_pem,
)
from releve.services.errors import Invalid, NotFound
from releve.services.ports import Clock, Store
from releve.services.security.trust import TrustStore

MOST = 500
"""Each question about a certificate looks through them."""


class TrustedAuthorities:
    def __init__(self, store: Store, clock: Clock, trust: TrustStore) -> None:
        self._store = store
        self._clock = clock
        self._trust = trust

    async def all(self, operator: OperatorId) -> list[TrustedAuthority]:
        """All of them, those that expire first in front."""
        async with self._store.work(operator) as work:
            found = await work.documents.all(TrustedAuthority)
        return sorted(found, key=lambda authority: (authority.expires_at, authority.key))

    async def get(self, operator: OperatorId, key: str) -> TrustedAuthority:
        """The one with this fingerprint; NotFound."""
        async with self._store.work(operator) as work:
            found = await work.documents.get(TrustedAuthority, key.casefold())
        if found is None:
            raise NotFound("There is no such authority.")
        return found

    async def add(
        self,
        operator: OperatorId,
        pem: str,
        uses: Sequence[AuthorityUse],
        *,
        label: str = "",
        by: str = "",
    ) -> list[TrustedAuthority]:
        """Believe the authorities whose certificates are in `pem`, for these uses too where they are there already.

        Invalid: no certificate, one that is no authority's, weak or expired; nothing is kept then. For stations' client
        certificates alone one station's certificate will do, which is then believed by itself.
        """
        now = self._clock.now()
        certificates = load_chain(pem)
        for certificate in certificates:
            _check(certificate, uses)
            if certificate.not_valid_after_utc <= now:
                raise Invalid(
                    f"{certificate.subject.rfc4514_string()} expired on "
                    f"{certificate.not_valid_after_utc:%Y-%m-%d}.",
                    field="certificate",
                )
        added = []
        async with self._store.work(operator) as work:
            known = {
                authority.key: authority for authority in await work.documents.all(TrustedAuthority)
            }
            for certificate in certificates:
                authority = authority_of(
                    certificate,
                    uses,
                    now,
                    label=label,
                    by=by,
                    before=known.get(fingerprint(certificate)),
                )
                known[authority.key] = authority
                work.documents.save(authority)
                added.append(authority)
            if len(known) > MOST:
                raise Invalid(f"An operator keeps at most {MOST} authorities.")
        await self._trust.changed(operator)
        return added

    async def change(
        self, operator: OperatorId, key: str, *, uses: Sequence[AuthorityUse], label: str
    ) -> TrustedAuthority:
        """Believe it for these uses only."""
        async with self._store.work(operator) as work:
            found = await work.documents.get(TrustedAuthority, key.casefold())
            if found is None:
                raise NotFound("There is no such authority.")
            _check(parsed(found.pem), uses)
            changed = msgspec.structs.replace(found, uses=tuple(dict.fromkeys(uses)), label=label)
            work.documents.save(changed)
        await self._trust.changed(operator)
        return changed

    async def remove(self, operator: OperatorId, key: str) -> None:
        """Believe it no more. Stations whose own certificates come from it are refused at their next connection; those
        that have its certificate installed keep it."""
        await self.get(operator, key)
        async with self._store.work(operator) as work:
            work.documents.remove(TrustedAuthority, key.casefold())
        await self._trust.changed(operator)

    async def certificates(
        self, operator: OperatorId, *uses: AuthorityUse
    ) -> list[x509.Certificate]:
        """Certificates of the authorities that are believed in any of these matters."""
        return [
            parsed(authority.pem)
            for authority in await self.all(operator)
            if any(use in authority.uses for use in uses)
        ]

    async def authorities(self, operator: OperatorId) -> list[x509.Certificate]:
        """All certificates of authorities known here, whatever they are believed for."""
        return [parsed(authority.pem) for authority in await self.all(operator)]


@lru_cache(maxsize=2048)
def parsed(pem: str) -> x509.Certificate:
    """A certificate that was readable when it was kept."""
    return load_one(pem)


def authority_of(
    certificate: x509.Certificate,
    uses: Sequence[AuthorityUse],
    now: datetime,
    *,
    label: str = "",
    by: str = "",
    before: TrustedAuthority | None = None,
) -> TrustedAuthority:
    """As it is kept. before: it is there already, and is believed for these uses, too."""
    if before is not None:
        together = tuple(dict.fromkeys([*before.uses, *uses]))
        return msgspec.structs.replace(before, uses=together, label=label or before.label)
    return TrustedAuthority(
        fingerprint=fingerprint(certificate),
        pem=to_pem([certificate]),
        uses=tuple(dict.fromkeys(uses)),
        label=label,
        subject=certificate.subject.rfc4514_string(),
        issuer=certificate.issuer.rfc4514_string(),
        serial=serial_hex(certificate),
        begins_at=certificate.not_valid_before_utc,
        expires_at=certificate.not_valid_after_utc,
        added_at=now,
        added_by=by,
    )


def _check(certificate: x509.Certificate, uses: Sequence[AuthorityUse]) -> None:
    """Invalid: it cannot be believed for this."""
    if not uses:
        raise Invalid("Say what this authority is believed for.", field="uses")
    if (weak := key_problem(certificate.public_key())) is not None:
        raise Invalid(f"This certificate is too weak: {weak}.", field="certificate")
    if set(uses) != {AuthorityUse.STATION} and not may_issue(certificate):
        name = certificate.subject.rfc4514_string()
        raise Invalid(f"{name} may not issue certificates.", field="certificate")
