"""The services of block A, built and tied to their ports."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releve.app.signer import HttpSigner
from releve.services.certificates.issuing import Certificates
from releve.services.security.arrivals import Arrivals
from releve.services.security.authorities import Authorities
from releve.services.security.bundle import Security
from releve.services.security.by_hand import StepByStep
from releve.services.security.events import SecurityEventDesk
from releve.services.security.passwords import Passwords
from releve.services.security.ports import CertificateSigner
from releve.services.security.profiles import Profiles
from releve.services.security.trust import TrustStore
from releve.services.security.trust_desk import TrustDesk
from releve.services.trusted_authorities import TrustedAuthorities

if TYPE_CHECKING:
    from releve.app.house_services import Ground


def build(g: Ground) -> dict[str, Any]:
    """A."""
    events = SecurityEventDesk(g.store, g.clock, g.ids)
    trust = TrustStore(g.store, g.clock, g.doors)
    authorities = Authorities(g.store, g.clock, g.vault, trust, g.errands)
    signer: CertificateSigner = authorities
    if g.settings.signing_url:
        signer = HttpSigner(g.settings.signing_url, g.settings.signing_token)
    certificates = Certificates(
        g.store, g.clock, g.commands, g.caller, g.operations, trust, signer, events, g.errands
    )
    events.when_told(certificates.discarded)
    passwords = Passwords(g.store, g.credentials, g.presence, g.commands, g.operations)
    tls = bool(g.settings.station_tls_port)
    profiles = Profiles(g.store, g.presence, g.commands, g.operations, g.errands, tls=tls)
    g.commands.when_answered(StepByStep(g.store, g.operations, profiles).answered)
    security = Security(
        events=events,
        trust=trust,
        trust_desk=TrustDesk(g.store, g.clock, trust),
        authorities=authorities,
        passwords=passwords,
        profiles=profiles,
        arrivals=Arrivals(g.operations),
    )
    return {
        "security": security,
        "certificates": certificates,
        "authorities": TrustedAuthorities(g.store, g.clock, trust),
    }
