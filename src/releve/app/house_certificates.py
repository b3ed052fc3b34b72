"""The services of plug and charge, with the clients that they reach other people's servers through."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from releve.app.contract_provider import HttpContractProvider
from releve.app.ocsp_client import HttpOcspClient
from releve.app.outgoing import Network, networks
from releve.services.authorization import Authorization
from releve.services.certificates.vault import Vault
from releve.services.contracts import Contracts
from releve.services.ev_certificates import ContractCertificates, EvCertificates, NoProvider
from releve.services.revocation import Revocations
from releve.services.security.client_status import AskStatus, ClientStatus
from releve.services.station_certificates import StationCertificates
from releve.services.trusted_authorities import TrustedAuthorities
from releve.services.v2g_authorities import V2gAuthorities
from releve.services.v2g_certificates import V2gCertificates
from releve.settings import Settings, SettingsError

if TYPE_CHECKING:
    from releve.app.house_services import Ground


def certificate_block(g: Ground) -> dict[str, Any]:
    """The services by their names in `Services`. Raises SettingsError in an operator's words."""
    settings = g.settings
    try:
        allowed = networks(settings.outgoing_networks)
    except ValueError as error:
        raise SettingsError(f"RELEVE_OUTGOING_NETWORKS: {error}") from error
    authorities: TrustedAuthorities = g.built["authorities"]
    client = HttpOcspClient(settings.certificate_status_timeout, allowed)
    believe = settings.unverified_certificate_status == "accept"
    revocations = Revocations(
        g.store, g.ids, client, authorities, g.flags, believe_unverified=believe
    )
    authorization: Authorization = g.built["authorization"]
    vault = Vault(g.credentials.secret)
    v2g_authorities = V2gAuthorities(g.store, g.clock, vault, authorities)
    v2g = V2gCertificates(g.store, g.clock, g.commands, g.operations, v2g_authorities, g.errands)
    g.built["certificates"].for_vehicles(v2g.take)
    return {
        "station_certificates": StationCertificates(
            g.store, g.clock, g.ids, g.commands, authorities
        ),
        "revocations": revocations,
        "client_status": ClientStatus(
            revocations,
            g.clock,
            g.built["security"].events,
            g.caller,
            g.errands,
            AskStatus(settings.client_certificate_status),
        ),
        "v2g_authorities": v2g_authorities,
        "v2g_certificates": v2g,
        "contracts": Contracts(g.store, authorization, authorities, revocations, g.flags),
        "ev_certificates": EvCertificates(g.store, _provider(settings, allowed), g.flags),
    }


def _provider(settings: Settings, allowed: tuple[Network, ...]) -> ContractCertificates:
    if not settings.contract_provider_url:
        return NoProvider()
    if not settings.contract_provider_url.startswith(("http://", "https://")):
        raise SettingsError("RELEVE_CONTRACT_PROVIDER_URL starts with http:// or https://")
    return HttpContractProvider(
        settings.contract_provider_url,
        settings.contract_provider_speaks,
        settings.contract_provider_token,
        settings.contract_provider_timeout,
        allowed,
    )
