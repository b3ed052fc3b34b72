"""The sub-CAs that sign stations' V2G certificates: brought by the operator, their keys sealed at rest."""

from __future__ import annotations

from collections.abc import Sequence

from cryptography import x509

from releve.domain.certificates import CertificateHash
from releve.domain.ids import OperatorId
from releve.domain.security_commands import SigningUse
from releve.domain.trusted_authority import AuthorityUse
from releve.domain.v2g_authority import V2gAuthority
from releve.services.certificates.authority import (
    PrivateKey,
    Signer,
    fits,
    key_from_pem,
    key_to_pem,
)
from releve.services.certificates.hashes import find_named
from releve.services.certificates.paths import may_issue
from releve.services.certificates.pem import (
    fingerprint,
    in_order,
    load_chain,
    self_signed,
    to_pem,
)
from releve.services.certificates.vault import Unsealable, Vault
from releve.services.errors import Invalid, NotFound
from releve.services.ports import Clock, Store
from releve.services.security.ports import SigningFailed
from releve.services.trusted_authorities import TrustedAuthorities

USES = (SigningUse.V2G, SigningUse.V2G20)
MOST_DAYS = 1461
"""Four years; 15118-2 wants two or three months."""


class V2gAuthorities:
    def __init__(
        self, store: Store, clock: Clock, vault: Vault, authorities: TrustedAuthorities
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._authorities = authorities

    async def all(self, operator: OperatorId) -> list[V2gAuthority]:
        """The newest first."""
        async with self._store.work(operator) as work:
            found = await work.documents.all(V2gAuthority)
        return sorted(found, key=lambda a: a.added_at, reverse=True)

    async def add(
        self,
        operator: OperatorId,
        chain_pem: str,
        key_pem: str,
        *,
        uses: Sequence[SigningUse] = USES,
        days: int = 90,
        responder: str = "",
        by: str = "",
    ) -> V2gAuthority:
        """Take a sub-CA with its private key. chain_pem: from the sub-CA up to and with the V2G root, in any order.

        Root and sub-CAs are trusted for V2G from now on, so that what they sign can be verified. Invalid: why not.
        """
        chain = in_order(load_chain(chain_pem, "chain"))
        key = key_from_pem(key_pem.encode())
        _check(chain, key, days, responder)
        await self._authorities.add(operator, to_pem(chain[-1:]), [AuthorityUse.V2G_ROOT], by=by)
        if len(chain) > 1:
            await self._authorities.add(operator, to_pem(chain[:-1]), [AuthorityUse.SUB_CA], by=by)
        name = fingerprint(chain[0])
        authority = V2gAuthority(
            fingerprint=name,
            chain=to_pem(chain),
            private_key=self._vault.seal(key_to_pem(key), _label(operator, name)),
            uses=tuple(str(use) for use in dict.fromkeys(uses)),
            subject=chain[0].subject.rfc4514_string(),
            expires_at=chain[0].not_valid_after_utc,
            days=days,
            responder=responder,
            added_at=self._clock.now(),
            added_by=by,
        )
        async with self._store.work(operator) as work:
            work.documents.save(authority)
        return authority

    async def remove(self, operator: OperatorId, key: str) -> None:
        """Forget it and its private key. What it signed stays good."""
        async with self._store.work(operator) as work:
            if await work.documents.get(V2gAuthority, key) is None:
                raise NotFound("There is no such V2G authority.")
            work.documents.remove(V2gAuthority, key)

    async def for_request(
        self, operator: OperatorId, use: SigningUse, root: CertificateHash | None
    ) -> V2gAuthority | None:
        """Who signs for this use: under the root that the station names (A02.FR.27), else the newest."""
        now = self._clock.now()
        for authority in await self.all(operator):
            if str(use) not in authority.uses or authority.expires_at <= now:
                continue
            if root is None or find_named(root, load_chain(authority.chain)[-1:]) is not None:
                return authority
        return None

    def signer(self, operator: OperatorId, authority: V2gAuthority) -> Signer:
        """With its private key opened; SigningFailed."""
        chain = load_chain(authority.chain)
        label = _label(operator, authority.fingerprint)
        try:
            key = key_from_pem(self._vault.open(authority.private_key, label))
        except Unsealable as error:
            raise SigningFailed(str(error)) from error
        return Signer(chain[0], key, tuple(chain[1:]))


def _check(chain: Sequence[x509.Certificate], key: PrivateKey, days: int, responder: str) -> None:
    """Raises Invalid for what cannot sign V2G certificates."""
    if not fits(chain[0], key):
        raise Invalid("The private key is not that of the chain's first certificate.", field="key")
    if not may_issue(chain[0]):
        raise Invalid("The chain's first certificate may not sign certificates.", field="chain")
    if not self_signed(chain[-1]):
        raise Invalid("The chain does not go up to a V2G root.", field="chain")
    if not 1 <= days <= MOST_DAYS:
        raise Invalid(f"A certificate lasts 1 to {MOST_DAYS} days.", field="days")
    if responder and not responder.startswith(("http://", "https://")):
        raise Invalid("An OCSP responder is at http:// or https://.", field="responder")


def _label(operator: OperatorId, name: str) -> str:
    return f"{operator}/v2g {name}"
