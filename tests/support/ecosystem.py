"""A 15118 ecosystem on this machine: a node, a PKI, an OCSP responder, a pool of contract certificates."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from tests.support.contract_pool import ContractPool, providing
from tests.support.responder import Responder, responding
from tests.support.rig import Rig
from tests.support.running import Running, running
from tests.support.v2g_pki import Entity, Pki

EMAID = "NLTNM000122045"
USES = {
    "CSMSRootCertificate": "csms_root",
    "ManufacturerRootCertificate": "manufacturer_root",
    "V2GRootCertificate": "v2g_root",
    "MORootCertificate": "mo_root",
    "OEMRootCertificate": "oem_root",
}


@dataclass
class Ecosystem:
    node: Running
    pki: Pki
    responder: Responder
    pool: ContractPool

    def afresh(self) -> None:
        """As a test wants to find it."""
        self.pool.contracts = [b"\x80\x98\x02contract"]
        self.pool.asked.clear()
        self.responder.asked.clear()


@asynccontextmanager
async def ecosystem_in(folder: Path) -> AsyncIterator[Ecosystem]:
    """The node may ask loopback, which is private."""
    async with responding(Responder()) as responder, providing(ContractPool()) as pool:
        pki = Pki(responder.url)
        responder.authorities = pki.authorities
        async with running(
            folder, outgoing_networks=["127.0.0.0/8"], contract_provider_url=pool.url
        ) as node:
            yield Ecosystem(node, pki, responder, pool)


async def trust(rig: Rig, entity: Entity, *uses: str) -> None:
    """Have the operator trust an authority."""
    await rig.post("/trusted-authorities", {"certificate": entity.pem, "uses": list(uses)})
