"""A simulated station is given a root, a profile of security 2 and a restart, and comes back over TLS (A05, B10)."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from releve.simulator import SimStation, WallClock
from releve.simulator.network import ATTEMPTS
from tests.support.running import Running, running
from tests.support.tls_rig import free_port

PASSWORD = "a-password-of-16-"
PATIENCE_S = 20.0
NOW = datetime.now(UTC)


def signed(
    name: str, key: ec.EllipticCurvePrivateKey, by: tuple[str, ec.EllipticCurvePrivateKey]
) -> x509.Certificate:
    """A root where `by` is itself, else a server's certificate for localhost."""

    def named(text: str) -> x509.Name:
        return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])

    builder = (
        x509.CertificateBuilder()
        .subject_name(named(name))
        .issuer_name(named(by[0]))
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOW - timedelta(days=1))
        .not_valid_after(NOW + timedelta(days=30))
        .add_extension(x509.BasicConstraints(ca=by[0] == name, path_length=None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(
            x509.AuthorityKeyIdentifier.from_issuer_public_key(by[1].public_key()), critical=False
        )
    )
    if by[0] != name:
        place = x509.SubjectAlternativeName([x509.DNSName("localhost")])
        builder = builder.add_extension(place, critical=False)
    return builder.sign(by[1], SHA256())


def doors(folder: Path) -> tuple[str, dict[str, object]]:
    """A root (PEM), and settings for a node with a TLS door under it."""
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = signed("Root", root_key, ("Root", root_key))
    leaf = signed("localhost", key, ("Root", root_key))
    chain, secret = folder / "tls.pem", folder / "tls.key"
    chain.write_bytes(leaf.public_bytes(Encoding.PEM))
    secret.write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    settings = {
        "station_tls_port": free_port(),
        "tls_certificates": [str(chain)],
        "tls_keys": [str(secret)],
    }
    return root.public_bytes(Encoding.PEM).decode(), settings


async def left(node: Running, operation: str) -> None:
    """Wait until a migration has seen the station leave."""
    async with asyncio.timeout(PATIENCE_S):
        state = "running"
        while state == "running":
            state = (await node.get(f"/operations/{operation}"))["state"]
    assert state == "done"


async def test_a_station_moves_to_tls_and_forgets_the_way_back(tmp_path: Path) -> None:
    root, settings = doors(tmp_path)
    async with running(tmp_path, **settings) as node:
        row = await node.add_station("CP-1", password=PASSWORD)
        clock = WallClock(20.0)
        async with SimStation(
            "2.0.1", "CP-1", node.stations_url, PASSWORD, clock=clock, reboot_s=1.0
        ) as sim:
            await sim.connect()
            await sim.boot()
            assert sim.station.security == 1
            await node.post(
                f"/stations/{row}/certificates",
                {"use": "CSMSRootCertificate", "certificate": root},
            )
            url = f"wss://localhost:{settings['station_tls_port']}/ocpp"
            migration = {
                "slot": 2,
                "profile": {"url": url, "security_profile": 2},
                "keep": [1],
                "confirm": "CP-1",
                "reset": "Immediate",
            }
            begun = await node.post(f"/stations/{row}/migration", migration, status=(202,))
            await left(node, begun["id"])
            await sim.wait_for("reset", timeout_s=PATIENCE_S)
            async with asyncio.timeout(PATIENCE_S):
                while sim.station.security != 2 or not sim.station.online:
                    await sim.wait_for("booted", timeout_s=PATIENCE_S)
            refused = [h for h in sim.happenings if h.kind == "refused"]
            assert len(refused) < ATTEMPTS
            assert set(sim.station.behaviour.network_profiles) == {2}  # A05.FR.06
            assert (await node.get(f"/stations/{row}"))["connectivity"] == "online"
            assert sim.station.behaviour.network_priority == "2"
