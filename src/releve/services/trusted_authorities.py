"""C07, M: the authorities whose certificates the operator installs in stations and believes of cars, by use.

Whom stations' own client certificates come from is another matter (`services.security`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache

import msgspec
from cryptography import x509

from releve.domain.ids import OperatorId
from releve.domain.trusted_authority import AuthorityUse, TrustedAuthority
from releve.services.certificates.paths import may_issue
from releve.services.certificates.pem import fingerprint, load_chain, load_one, serial_hex, to_pem
from releve.services.errors import Invalid, NotFound
from releve.services.ports import Clock, Store

MOST = 500
"""Each question about a certificate looks through them."""


class TrustedAuthorities:
    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

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

        Invalid: no certificate, one that is no authority's, or expired; nothing is kept then.
        """
        if not uses:
            raise Invalid("Say what this authority is believed for.", field="uses")
        now = self._clock.now()
        certificates = load_chain(pem)
        for certificate in certificates:
            name = certificate.subject.rfc4514_string()
            if not may_issue(certificate):
                raise Invalid(f"{name} may not issue certificates.", field="certificate")
            if certificate.not_valid_after_utc <= now:
                raise Invalid(
                    f"{name} expired on {certificate.not_valid_after_utc:%Y-%m-%d}.",
                    field="certificate",
                )
        added = []
        async with self._store.work(operator) as work:
            known = {
                authority.key: authority for authority in await work.documents.all(TrustedAuthority)
            }
            for certificate in certificates:
                authority = _authority(certificate, uses, label, now, by, known)
                known[authority.key] = authority
                work.documents.save(authority)
                added.append(authority)
            if len(known) > MOST:
                raise Invalid(f"An operator keeps at most {MOST} authorities.")
        return added

    async def change(
        self, operator: OperatorId, key: str, *, uses: Sequence[AuthorityUse], label: str
    ) -> TrustedAuthority:
        """Believe it for these uses only."""
        if not uses:
            raise Invalid("Say what this authority is believed for.", field="uses")
        async with self._store.work(operator) as work:
            found = await work.documents.get(TrustedAuthority, key.casefold())
            if found is None:
                raise NotFound("There is no such authority.")
            changed = msgspec.structs.replace(found, uses=tuple(dict.fromkeys(uses)), label=label)
            work.documents.save(changed)
        return changed

    async def remove(self, operator: OperatorId, key: str) -> None:
        """Believe it no more. Stations that have it keep it."""
        await self.get(operator, key)
        async with self._store.work(operator) as work:
            work.documents.remove(TrustedAuthority, key.casefold())

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


def _authority(
    certificate: x509.Certificate,
    uses: Sequence[AuthorityUse],
    label: str,
    now: datetime,
    by: str,
    known: Mapping[str, TrustedAuthority],
) -> TrustedAuthority:
    before = known.get(fingerprint(certificate))
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
