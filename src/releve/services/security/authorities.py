"""The built-in certificate authority: made once, its private keys sealed, asked for every certificate."""

from __future__ import annotations

import msgspec
from cryptography.hazmat.primitives.serialization import Encoding

from releve.domain.ids import OperatorId
from releve.domain.security_documents import Authority
from releve.domain.trusted_authority import AuthorityUse
from releve.services.certificates.authority import (
    Signer,
    chain_of,
    key_from_pem,
    key_to_pem,
    make_crl,
    make_issuing,
    make_root,
    new_key,
    sign_request,
)
from releve.services.certificates.pem import common_names, load_chain, to_pem
from releve.services.certificates.signing_requests import SigningRequest
from releve.services.certificates.vault import Unsealable, Vault
from releve.services.errors import Invalid, NotFound, Taken
from releve.services.ports import Clock, Store
from releve.services.security.ports import Errands, SigningFailed
from releve.services.security.trust import TrustStore
from releve.services.trusted_authorities import authority_of

ALGORITHMS = {"ecdsa": False, "rsa": True}
LONGEST_ORGANISATION = 64
"""X.520's upper bound of O."""


class Authorities:
    """Implements `security.ports.CertificateSigner` by itself."""

    def __init__(
        self, store: Store, clock: Clock, vault: Vault, trust: TrustStore, errands: Errands
    ) -> None:
        self._store = store
        self._clock = clock
        self._vault = vault
        self._trust = trust
        self._errands = errands

    async def all(self, operator: OperatorId) -> list[Authority]:
        """ECDSA, then RSA; empty when none has been made."""
        async with self._store.work(operator) as work:
            return await work.documents.all(Authority)

    async def create(
        self, operator: OperatorId, organisation: str, *, name: str = "", by: str = ""
    ) -> list[Authority]:
        """Make root and issuing authority for both kinds of keys, and trust them. Once: they are never replaced."""
        organisation, name = organisation.strip(), name.strip() or organisation.strip()
        for field, text in (("organisation", organisation), ("name", name)):
            if not text or len(text) > LONGEST_ORGANISATION - 15 or any(ord(c) < 32 for c in text):
                raise Invalid(
                    f"The {field} has 1 to {LONGEST_ORGANISATION - 15} characters on one line.",
                    field=field,
                )
        if await self.all(operator):
            raise Taken("There is a certificate authority already.")
        made = [
            await self._errands.aside(
                lambda a=algorithm: self._make(operator, a, name, organisation)  # type: ignore[misc]
            )
            for algorithm in ALGORITHMS
        ]
        policy = (await self._trust.of(operator)).policy
        owners = tuple(dict.fromkeys([*policy.organisations, organisation]))
        async with self._store.work(operator) as work:
            for authority in made:
                work.documents.save(authority)
                root = load_chain(authority.root)[0]
                label = next(iter(common_names(root.subject)))
                work.documents.save(
                    authority_of(
                        root, [AuthorityUse.STATION], self._clock.now(), label=label, by=by
                    )
                )
            work.documents.save(msgspec.structs.replace(policy, organisations=owners))
        await self._trust.changed(operator)
        return made

    def _make(
        self, operator: OperatorId, algorithm: str, name: str, organisation: str
    ) -> Authority:
        now, is_rsa = self._clock.now(), ALGORITHMS[algorithm]
        label = algorithm.upper()
        root = make_root(f"{name} Root {label}", organisation, new_key(is_rsa=is_rsa), now)
        issuing = make_issuing(
            root, f"{name} Issuing {label}", organisation, new_key(is_rsa=is_rsa), now
        )
        return Authority(
            algorithm=algorithm,
            organisation=organisation,
            root=to_pem([root.certificate]),
            root_key=self._vault.seal(key_to_pem(root.key), _label(operator, f"{algorithm} root")),
            issuing=to_pem([issuing.certificate]),
            issuing_key=self._vault.seal(
                key_to_pem(issuing.key), _label(operator, f"{algorithm} issuing")
            ),
            created_at=now,
        )

    async def sign(self, operator: OperatorId, request: SigningRequest, days: int) -> str:
        """The chain for a request that has been judged (PEM); SigningFailed when no authority was made."""
        signer = await self.signer(operator, "rsa" if request.rsa else "ecdsa")
        now = self._clock.now()

        def sign() -> str:
            return to_pem(chain_of(signer, sign_request(signer, request.pem, now, days)))

        return await self._errands.aside(sign)

    async def signer(self, operator: OperatorId, algorithm: str) -> Signer:
        """The issuing authority with its private key; SigningFailed when there is none or its key cannot be opened."""
        async with self._store.work(operator) as work:
            found = await work.documents.get(Authority, algorithm)
        if found is None:
            raise SigningFailed("There is no certificate authority yet: create it first.")
        try:
            key = self._vault.open(found.issuing_key, _label(operator, f"{algorithm} issuing"))
        except Unsealable as error:
            raise SigningFailed(str(error)) from error
        root = load_chain(found.root)[0]
        return Signer(load_chain(found.issuing)[0], key_from_pem(key), (root,))

    async def crl(self, operator: OperatorId, algorithm: str) -> str:
        """What the issuing authority has revoked, as a list (PEM) for others to check."""
        signer = await self.signer(operator, algorithm)
        issuer = signer.certificate.subject.public_bytes().hex()
        async with self._store.work(operator) as work:
            found = await work.documents.get(Authority, algorithm)
            if found is None:
                raise NotFound("There is no such certificate authority.")
            revoked = await work.station_certificates.revoked(self._clock.now())
            number = found.crl_number + 1
            work.documents.save(msgspec.structs.replace(found, crl_number=number))
        listed = [(int(serial, 16), at) for name, serial, at in revoked if name == issuer]
        made = make_crl(signer, listed, number, self._clock.now())
        return made.public_bytes(Encoding.PEM).decode()


def _label(operator: OperatorId, what: str) -> str:
    return f"{operator}/{what}"
