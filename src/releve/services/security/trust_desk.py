"""The operator's revocation lists and rules for stations' certificates. Changes reach the doors at once."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec

from releve.domain.ids import OperatorId
from releve.domain.security_documents import (
    Authority,
    RevocationList,
    SecurityPolicy,
)
from releve.services.certificates.paths import read_crl
from releve.services.certificates.pem import (
    common_names,
    load_chain,
    organisations,
)
from releve.services.errors import Invalid, NotFound, NotNow
from releve.services.ports import Clock, Store
from releve.services.security.trust import TrustStore

MOST_DAYS = 3650
MOST_ORGANISATIONS = 50


class TrustDesk:
    def __init__(self, store: Store, clock: Clock, trust: TrustStore) -> None:
        self._store = store
        self._clock = clock
        self._trust = trust

    async def lists(self, operator: OperatorId) -> list[RevocationList]:
        """Revocation lists of others' authorities."""
        async with self._store.work(operator) as work:
            return await work.documents.all(RevocationList)

    async def add_list(self, operator: OperatorId, pem: str, *, by: str = "") -> RevocationList:
        """Take over a revocation list that an authority trusted here has signed; an older one is refused."""
        trust = await self._trust.of(operator)
        read = read_crl(pem, [*trust.anchors, *trust.above])
        if isinstance(read, str):
            raise Invalid(read, field="list")
        crl, issuer = read
        listed = RevocationList(
            issuer=crl.issuer.public_bytes().hex(),
            issuer_name=next(iter(common_names(issuer.subject)), issuer.subject.rfc4514_string()),
            pem=pem.strip() + "\n",
            serials=tuple(f"{revoked.serial_number:x}" for revoked in crl),
            issued_at=crl.last_update_utc,
            next_update=crl.next_update_utc,
            added_at=self._clock.now(),
            added_by=by,
        )
        async with self._store.work(operator) as work:
            known = await work.documents.get(RevocationList, listed.key)
            if known is not None and known.issued_at > listed.issued_at:
                raise Invalid("There is a newer list of this authority already.", field="list")
            work.documents.save(listed)
        await self._trust.changed(operator)
        return listed

    async def remove_list(self, operator: OperatorId, key: str) -> None:
        """Forget a revocation list: what it revoked counts again."""
        async with self._store.work(operator) as work:
            if await work.documents.get(RevocationList, key) is None:
                raise NotFound("There is no such revocation list.")
            work.documents.remove(RevocationList, key)
        await self._trust.changed(operator)

    async def policy(self, operator: OperatorId) -> SecurityPolicy:
        """The rules as they are."""
        return (await self._trust.of(operator)).policy

    async def set_policy(
        self,
        operator: OperatorId,
        *,
        organisations: Sequence[str] | None = None,
        certificate_days: int | None = None,
        renew_before_days: int | None = None,
    ) -> SecurityPolicy:
        """Change what is given. organisations: exactly as O of certificates has them."""
        policy = await self.policy(operator)
        if organisations is not None:
            policy = msgspec.structs.replace(policy, organisations=_organisations(organisations))
        if certificate_days is not None:
            if not 1 <= certificate_days <= MOST_DAYS:
                raise Invalid(
                    f"A certificate lasts 1 to {MOST_DAYS} days.", field="certificate_days"
                )
            policy = msgspec.structs.replace(policy, certificate_days=certificate_days)
        if renew_before_days is not None:
            if not 0 <= renew_before_days <= MOST_DAYS:
                raise Invalid(
                    f"Renewal begins 0 to {MOST_DAYS} days before.", field="renew_before_days"
                )
            policy = msgspec.structs.replace(policy, renew_before_days=renew_before_days)
        if policy.renew_before_days >= policy.certificate_days:
            raise Invalid(
                "A certificate has to last longer than the days before its end at which it is renewed.",
                field="renew_before_days",
            )
        async with self._store.work(operator) as work:
            if not policy.organisations and await work.documents.all(Authority):
                raise NotNow("The authority's organisation has to stay among those accepted.")
            work.documents.save(policy)
        await self._trust.changed(operator)
        return policy


def owner_of(pem: str) -> str:
    """The organisation that a certificate belongs to, or nothing."""
    return next(iter(organisations(load_chain(pem)[0].subject)), "")


def _organisations(given: Sequence[str]) -> tuple[str, ...]:
    cleaned = tuple(dict.fromkeys(name.strip() for name in given if name.strip()))
    if len(cleaned) > MOST_ORGANISATIONS:
        raise Invalid(
            f"At most {MOST_ORGANISATIONS} organisations can be accepted.", field="organisations"
        )
    if any(len(name) > 64 or any(ord(c) < 32 for c in name) for name in cleaned):
        raise Invalid(
            "An organisation's name has at most 64 characters on one line.", field="organisations"
        )
    return cleaned
