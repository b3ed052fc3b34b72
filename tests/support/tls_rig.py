"""A node with TLS, and stations that come in through it."""

from __future__ import annotations

import asyncio
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec, rsa
from websockets.exceptions import InvalidStatus

from tests.support.pki import ORGANISATION, Authority, Issued, authority
from tests.support.rig import Rig
from tests.support.scripted import ScriptedStation
from tests.unit.gateway.test_handshake_tls import make_pair, trusting


def free_port() -> int:
    """A port that nobody has now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class TlsRig:
    """A rig whose node speaks TLS on one port, or on one for each of profiles 2 and 3."""

    def __init__(self, rig: Rig, pairs: tuple[Any, Any], folder: Path) -> None:
        self.rig = rig
        self.pairs = pairs
        self.folder = folder

    @property
    def door(self) -> Any:
        """The TLS door."""
        return self.rig.running.node.doors[1]

    @property
    def url(self) -> str:
        """Where stations connect over TLS, without identity."""
        return f"wss://localhost:{self.door.port}/ocpp"

    def client(self, issued: Issued | None = None) -> ssl.SSLContext:
        """A station's side; with a certificate for profile 3."""
        context = trusting(*self.pairs)
        if issued is not None:
            name = f"{issued.leaf.serial_number:x}"
            context.load_cert_chain(*issued.files(self.folder, name))
        return context

    async def trust(self, ca: Authority) -> str:
        """Have the operator trust an authority's client certificates, and accept its organisation; its id."""
        about = {"certificate": ca.anchor, "uses": ["ChargingStationCertificate"]}
        (added,) = (await self.rig.post("/trusted-authorities", about))["items"]
        known = (await self.rig.get("/certificate-policy"))["organisations"]
        await self.rig.patch(
            "/certificate-policy", {"organisations": sorted({*known, ORGANISATION})}
        )
        return str(added["id"])

    async def trusted(self) -> Authority:
        """A new authority that the operator trusts."""
        ca = authority()
        await self.trust(ca)
        return ca

    async def station(self, version: str = "2.0.1", **about: Any) -> ScriptedStation:
        """Registered and not connected; its address is the TLS door's."""
        return await self.rig.station(version, connect=False, url=self.url, **about)

    async def arrive(
        self, station: ScriptedStation, issued: Issued | None = None, **options: Any
    ) -> None:
        """Connect over TLS."""
        await station.connect(ssl=self.client(issued), host="127.0.0.1", **options)

    async def refused(
        self, station: ScriptedStation, issued: Issued | None = None, **options: Any
    ) -> int:
        """Try to connect over TLS; the HTTP status of the refusal, 0 when TLS itself refused."""
        try:
            await self.arrive(station, issued, **options)
        except InvalidStatus as refused:
            return int(refused.response.status_code)
        except (ssl.SSLError, ConnectionError, EOFError):
            return 0
        except Exception as error:  # websockets wraps what the line said
            if isinstance(error.__cause__, EOFError | ConnectionError | ssl.SSLError):
                return 0
            raise
        raise AssertionError("it was let in")


async def refused_plain(station: ScriptedStation, url: str, **options: Any) -> int:
    """Try to connect without TLS; the HTTP status of the refusal."""
    before, station.url = station.url, url
    try:
        await station.connect(**options)
    except InvalidStatus as refused:
        return int(refused.response.status_code)
    finally:
        station.url = before
    raise AssertionError("it was let in")


@asynccontextmanager
async def tls_rig(own_rig: Any, folder: Path, **settings: Any) -> AsyncIterator[TlsRig]:
    """A node of its own with an RSA and an ECDSA certificate for localhost."""
    made = (
        make_pair(folder, "rsa", rsa.generate_private_key(65537, 2048)),
        make_pair(folder, "ecdsa", ec.generate_private_key(ec.SECP256R1())),
    )
    async with own_rig(
        station_tls_port=free_port(),
        tls_certificates=[str(pair.certificate) for pair in made],
        tls_keys=[str(pair.key) for pair in made],
        **settings,
    ) as rig:
        yield TlsRig(rig, made, folder)
        await asyncio.sleep(0)
