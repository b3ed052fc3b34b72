"""The services of block A in one bundle."""

from __future__ import annotations

from dataclasses import dataclass

from releve.services.security.arrivals import Arrivals
from releve.services.security.authorities import Authorities
from releve.services.security.events import SecurityEventDesk
from releve.services.security.passwords import Passwords
from releve.services.security.profiles import Profiles
from releve.services.security.trust import TrustStore
from releve.services.security.trust_desk import TrustDesk


@dataclass(frozen=True, slots=True)
class Security:
    events: SecurityEventDesk
    """A04: what happens to stations' security."""
    trust: TrustStore
    """A00: whose certificates are believed."""
    trust_desk: TrustDesk
    """The operator's revocation lists and rules."""
    authorities: Authorities
    """The built-in certificate authority."""
    passwords: Passwords
    """A01: stations' passwords."""
    profiles: Profiles
    """A05: stations' security profiles."""
    arrivals: Arrivals
    """What a station's arrival settles."""
