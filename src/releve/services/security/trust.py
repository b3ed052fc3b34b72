"""A00: whose certificates are believed. Anchors, revocations and rules, in memory, changeable at any time."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from cryptography import x509

from releve.domain.ids import OperatorId
from releve.domain.security_documents import (
    Authority,
    RevocationList,
    SecurityPolicy,
)
from releve.domain.station import Station
from releve.domain.trusted_authority import AuthorityUse, TrustedAuthority
from releve.services.certificates.paths import DEEPEST, Fault, Path, Revocations, check
from releve.services.certificates.pem import (
    common_names,
    load_chain,
    load_der,
    organisations,
    signed_by,
    to_pem,
)
from releve.services.ports import Clock, Store
from releve.services.security.ports import TlsDoors


class Trust(msgspec.Struct, frozen=True):
    """What one operator believes."""

    anchors: tuple[x509.Certificate, ...] = ()
    above: tuple[x509.Certificate, ...] = ()
    """Authorities between root and leaf, ours and sub-CAs of the register: stations that send only their leaf are
    understood all the same."""
    revocations: Revocations = Revocations()
    policy: SecurityPolicy = SecurityPolicy()


class Presented(msgspec.Struct, frozen=True, kw_only=True):
    """What came of a certificate that a station presented. problem: in an operator's words why it is refused."""

    common_name: str = ""
    expired: bool = False
    """All is right but for its time."""
    problem: str = ""
    path: tuple[x509.Certificate, ...] = ()
    """From its certificate to the anchor; empty where there is a problem."""


class TrustStore:
    def __init__(self, store: Store, clock: Clock, doors: TlsDoors) -> None:
        self._store = store
        self._clock = clock
        self._doors = doors
        self._known: dict[OperatorId, Trust] = {}
        self._anchors: dict[OperatorId, tuple[str, ...]] = {}

    async def of(self, operator: OperatorId) -> Trust:
        """What the operator believes now; from memory once it was read."""
        known = self._known.get(operator)
        return known if known is not None else await self._read(operator)

    async def refresh(self) -> None:
        """Read everything anew: another process (a command) may have changed it. Connections that are open stay."""
        for operator in await self._store.operators():
            await self._read(operator)
        self._tell()

    async def changed(self, operator: OperatorId) -> None:
        """This process has changed something of the operator: believe it from now on."""
        await self._read(operator)
        self._tell()

    def _tell(self) -> None:
        self._doors.trust(sorted({pem for anchors in self._anchors.values() for pem in anchors}))

    async def _read(self, operator: OperatorId) -> Trust:
        async with self._store.work(operator) as work:
            register = await work.documents.all(TrustedAuthority)
            lists = await work.documents.all(RevocationList)
            policy = await work.documents.get(SecurityPolicy, SecurityPolicy().key)
            ours = await work.station_certificates.revoked(self._clock.now())
            above = await work.documents.all(Authority)
        revocations = Revocations()
        for listed in lists:
            serials = [int(serial, 16) for serial in listed.serials]
            revocations = revocations.plus(bytes.fromhex(listed.issuer), serials)
        for issuer, serial, _ in ours:
            revocations = revocations.plus(bytes.fromhex(issuer), [int(serial, 16)])
        anchors = _certificates(register, AuthorityUse.STATION)
        own = [load_chain(a.issuing)[0] for a in above]
        between = _below(anchors, [*own, *_certificates(register, AuthorityUse.SUB_CA)])
        trust = Trust(tuple(anchors), tuple(between), revocations, policy or SecurityPolicy())
        self._known[operator] = trust
        self._anchors[operator] = tuple(to_pem([c]) for c in (*anchors, *between))
        return trust

    # --- judging ------------------------------------------------------------------------------------------------

    async def judge(self, station: Station, chain: Sequence[bytes]) -> Presented:
        """Is this chain (DER, leaf first) that station's certificate? (A00.FR.403, FR.404, FR.405, FR.407)

        A00.FR.702, A00.FR.705: what the authority has revoked is looked up, for ours at once, for others by their list.
        """
        certificates = [c for c in map(load_der, chain[:6]) if c is not None]
        if not certificates:
            return Presented(problem="Its certificate cannot be read.")
        leaf, trust = certificates[0], await self.of(station.operator)
        path = self._path(leaf, certificates[1:], trust)
        names, owners = common_names(leaf.subject), organisations(leaf.subject)
        if path.fault not in (None, Fault.EXPIRED):
            return Presented(problem=WORDS[path.fault])
        wanted = certificate_names(station)
        if len(names) != 1 or names[0] not in wanted:
            return Presented(problem=_other_name(names, wanted))
        if len(owners) != 1 or owners[0] not in trust.policy.organisations:
            return Presented(problem=_other_owner(owners, trust.policy.organisations))
        return Presented(
            common_name=names[0], expired=path.fault is Fault.EXPIRED, path=path.certificates
        )

    def _path(
        self, leaf: x509.Certificate, others: Sequence[x509.Certificate], trust: Trust
    ) -> Path:
        above = [*_completing([leaf, *others], trust.above), *others]
        return check(leaf, above, trust.anchors, self._clock.now(), trust.revocations)


def _certificates(
    register: Sequence[TrustedAuthority], use: AuthorityUse
) -> list[x509.Certificate]:
    return [load_chain(a.pem)[0] for a in register if use in a.uses]


def _below(
    anchors: Sequence[x509.Certificate], others: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Those of `others` that come from an anchor, over any number of steps."""
    found: list[x509.Certificate] = []
    above = list(anchors)
    while above:
        names = {c.subject for c in above}
        above = [
            c
            for c in others
            if c not in found
            and c not in anchors
            and c.issuer in names
            and any(signed_by(c, issuer) for issuer in above)
        ]
        found += above
    return found


def _completing(
    chain: Sequence[x509.Certificate], known: Sequence[x509.Certificate]
) -> list[x509.Certificate]:
    """Those of `known` that may stand above what a station has sent, by their names."""
    found: list[x509.Certificate] = []
    wanted = {c.issuer for c in chain}
    for _ in range(DEEPEST):
        more = [c for c in known if c.subject in wanted and c not in found and c not in chain]
        if not more:
            break
        found += more
        wanted = {c.issuer for c in more}
    return found


WORDS = {
    Fault.UNTRUSTED: "Its certificate does not come from an authority that is trusted here.",
    Fault.NOT_YET: "Its certificate is not valid yet.",
    Fault.EXPIRED: "Its certificate has expired.",
    Fault.REVOKED: "Its certificate has been revoked.",
    Fault.WEAK: "A key of its certificate's chain is too short.",
    Fault.MISUSED: "A certificate of its chain may not be used like this.",
}


def certificate_names(station: Station) -> frozenset[str]:
    """What the common name of its certificate may be (A00.FR.511, A00.FR.405): compared exactly, never in parts.

    Its serial number or, for those that never told one, its identity, until the first certificate has settled which.
    """
    if station.certificate_name:
        return frozenset({station.certificate_name})
    return frozenset({station.identity, station.serial} - {""})


def _other_name(names: Sequence[str], wanted: frozenset[str]) -> str:
    told = ", ".join(names) or "(none)"
    return f"Its certificate is that of {told[:100]}, not of {' or '.join(sorted(wanted))}."


def _other_owner(owners: Sequence[str], wanted: Sequence[str]) -> str:
    if not wanted:
        return "No organisation is set whose certificates are accepted."
    told = ", ".join(owners) or "nobody"
    return f"Its certificate belongs to {told[:100]}, not to {' or '.join(wanted)}."
