"""C07: may the contract of this car charge? Its certificate, then its number."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from cryptography import x509

from releve.domain.anomaly import AnomalyKind
from releve.domain.certificates import (
    CertificateStatus,
    ContractStatus,
    StatusQuestion,
)
from releve.domain.emaid import same_contract
from releve.domain.token import IdToken, Judgement, Verdict
from releve.domain.trusted_authority import AuthorityUse
from releve.services.authorization import Authorization
from releve.services.certificates import paths
from releve.services.certificates.pem import common_names, load_chain, signed_by
from releve.services.certificates.questions import answerable, path_questions
from releve.services.certificates.status import Standing
from releve.services.errors import Invalid
from releve.services.flags import Flags
from releve.services.live import Inbound
from releve.services.ports import Store
from releve.services.revocation import NoAnswer, Revocations
from releve.services.trusted_authorities import TrustedAuthorities

CANCELLED = frozenset({Verdict.BLOCKED, Verdict.EXPIRED, Verdict.INVALID, Verdict.UNKNOWN})
"""Verdicts over the eMAID that make a good certificate a cancelled contract (C07.FR.13)."""


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """What a station shows of a car's contract. Both empty: nothing but the eMAID, like any other token (C08).

    chain: PEM, leaf first, for central validation. hashes: what the station needs to know of the certificates that it
    has validated itself.
    """

    token: IdToken
    chain: str = ""
    hashes: tuple[StatusQuestion, ...] = ()


class ContractJudgement(msgspec.Struct, frozen=True, kw_only=True):
    """certificate None: none was shown, so nothing is said of it."""

    judgement: Judgement
    certificate: ContractStatus | None = None


class Contracts:
    def __init__(
        self,
        store: Store,
        authorization: Authorization,
        trust: TrustedAuthorities,
        revocations: Revocations,
        flags: Flags,
    ) -> None:
        self._store = store
        self._authorization = authorization
        self._trust = trust
        self._revocations = revocations
        self._flags = flags

    async def authorize(self, inbound: Inbound, presented: Presented) -> ContractJudgement:
        """Answer Authorize for a contract (C07.FR.04, FR.05). The token is looked at only behind a good certificate."""
        if not presented.chain and not presented.hashes:
            judgement = await self._authorization.authorize(inbound, presented.token)
            return ContractJudgement(judgement=judgement)
        status, why = await self._certificate(inbound, presented)
        if status is not ContractStatus.ACCEPTED:
            await self._tell(inbound, presented, status, why)
            return ContractJudgement(judgement=Judgement(_verdict(status)), certificate=status)
        judgement = await self._authorization.authorize(inbound, presented.token)
        if judgement.verdict in CANCELLED:
            status = ContractStatus.CANCELLED  # C07.FR.13
        return ContractJudgement(judgement=judgement, certificate=status)  # C07.FR.14

    async def _certificate(
        self, inbound: Inbound, presented: Presented
    ) -> tuple[ContractStatus, str]:
        """What is to be said of the certificate, and why."""
        questions = {q.certificate.alike: q for q in presented.hashes}
        path: tuple[x509.Certificate, ...] = ()
        if presented.chain:
            status, why, path = await self._path(inbound, presented)
            if status is not ContractStatus.ACCEPTED:
                return status, why
            for question in _questions(path):
                questions.setdefault(question.certificate.alike, question)
        if not questions:
            why = "The contract certificate does not say where its status can be asked for."
            return ContractStatus.CHAIN_ERROR, why
        standings = await self._revocations.ask(inbound, tuple(questions.values()), also=path[1:])
        return _worst(standings)

    async def _path(
        self, inbound: Inbound, presented: Presented
    ) -> tuple[ContractStatus, str, tuple[x509.Certificate, ...]]:
        """Central validation: the chain up to our anchors, and the eMAID in it."""
        operator = inbound.station.operator
        try:
            chain = load_chain(presented.chain)
        except Invalid as error:
            return ContractStatus.CHAIN_ERROR, str(error), ()
        anchors = await self._trust.certificates(
            operator, AuthorityUse.MO_ROOT, AuthorityUse.V2G_ROOT
        )
        helpers = _above(chain, await self._trust.certificates(operator, AuthorityUse.SUB_CA))
        found = paths.check(chain[0], [*chain[1:], *helpers], anchors, inbound.at)
        if found.fault is not None:
            status = _status(found.fault, chain, [*helpers, *anchors])
            return status, _WHY[status], ()
        holders = common_names(chain[0].subject)
        if not any(same_contract(holder, presented.token.value) for holder in holders):
            why = f"The certificate is that of the contract {', '.join(holders) or '(none)'}."
            return ContractStatus.CHAIN_ERROR, why, ()  # C07.FR.17: not this contract's certificate
        return ContractStatus.ACCEPTED, "", found.certificates

    async def _tell(
        self, inbound: Inbound, presented: Presented, status: ContractStatus, why: str
    ) -> None:
        """Tell the operator, once, that cars are refused here because of their certificates."""
        async with self._store.work(inbound.station.operator) as work:
            await self._flags.raise_(
                work,
                inbound,
                AnomalyKind.CONTRACT_REFUSED,
                contract=presented.token.value,
                certificate=str(status),
                reason=why,
            )


_WHY = {
    ContractStatus.EXPIRED: "A certificate of the chain has expired.",
    ContractStatus.SIGNATURE_ERROR: "A certificate of the chain is not signed by the authority that it names.",
    ContractStatus.CHAIN_ERROR: "The chain does not lead to a V2G or mobility operator root among the "
    "trusted authorities, or a certificate in it may not be used so.",
}


def _above(
    chain: Sequence[x509.Certificate], known: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Sub-CAs known here that a chain lacks at its end: cars and stations leave some out."""
    above: list[x509.Certificate] = []
    last = chain[-1]
    while following := next((c for c in known if c not in above and signed_by(last, c)), None):
        above.append(following)
        last = following
    return above


def _status(
    fault: paths.Fault, chain: Sequence[x509.Certificate], known: Sequence[x509.Certificate]
) -> ContractStatus:
    """What C07 calls it: expired (C07.FR.15), a wrong signature, or a chain that cannot be verified (C07.FR.17)."""
    if fault is paths.Fault.EXPIRED:
        return ContractStatus.EXPIRED
    if fault is paths.Fault.UNTRUSTED and _forged(chain, known):
        return ContractStatus.SIGNATURE_ERROR
    return ContractStatus.CHAIN_ERROR


def _forged(chain: Sequence[x509.Certificate], known: Sequence[x509.Certificate]) -> bool:
    """Whether a certificate names an issuer that is there, and that issuer did not sign it."""
    for certificate in chain:
        issuers = [c for c in [*chain, *known] if c.subject == certificate.issuer]
        if issuers and not any(signed_by(certificate, issuer) for issuer in issuers):
            return True
    return False


def _verdict(status: ContractStatus) -> Verdict:
    """C07.FR.15: expired is expired; FR.16, FR.17: anything else makes the token invalid."""
    return Verdict.EXPIRED if status is ContractStatus.EXPIRED else Verdict.INVALID


def _worst(standings: Sequence[Standing | NoAnswer]) -> tuple[ContractStatus, str]:
    """One revoked certificate decides, whatever is not known of the others (C07.FR.16); then unknown ones (FR.17)."""
    answered = [s for s in standings if isinstance(s, Standing)]
    if any(s.status is CertificateStatus.REVOKED for s in answered):
        return ContractStatus.REVOKED, "A certificate of the chain has been revoked."
    for standing in standings:
        if isinstance(standing, NoAnswer):
            return ContractStatus.CHAIN_ERROR, standing.reason
        if standing.status is not CertificateStatus.GOOD:
            return ContractStatus.CHAIN_ERROR, "The responder does not know a certificate."
    return ContractStatus.ACCEPTED, ""


def _questions(path: Sequence[x509.Certificate]) -> list[StatusQuestion]:
    """A sub-CA that names neither responder nor list cannot be asked about; a contract certificate that names neither
    gives no questions at all, for it cannot be verified."""
    return path_questions(path) if answerable(path[0]) else []
