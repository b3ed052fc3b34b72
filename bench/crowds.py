"""A server and a crowd of stations, each on a core of its own, on a database made for them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import socket
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from bench import messages
from bench.databases import Database, Sqlite, postgres
from bench.peers.releve_node import settings_of
from bench.processes import BenchError, Child, cores, python, rss_bytes, settle
from releve.cli.common import run, with_services
from releve.domain.ids import DEFAULT_OPERATOR
from releve.services.services import Services

AT_ONCE = 500


@dataclass(slots=True)
class Scene:
    """A server and its crowd."""

    server: Child
    crowd: Child
    database: Database

    def resident(self) -> int:
        """The server's memory in bytes after what is dead was collected."""
        settle(1.0)
        self.server.signal(signal.SIGUSR1)
        word = self.server.hear()
        if word != "COLLECTED":
            raise BenchError(f"the server said {word!r} instead of COLLECTED")
        return rss_bytes(self.server.pid)


@contextlib.contextmanager
def scene(
    directory: Path, stations: int, *, tls: bool = False, on: str = "sqlite", **settings: Any
) -> Iterator[Scene]:
    """Start both; stations 1 to `stations` are registered, with passwords. on: sqlite or postgres."""
    directory.mkdir(parents=True)
    database = _database(directory, on)
    server_core, crowd_core = cores()
    with contextlib.ExitStack() as stack:
        stack.callback(database.drop)
        run(with_services(settings_of(directory, database.url), lambda s: register(s, stations)))
        told = {
            "database_url": database.url,
            "secret_file": str(directory / "secret"),
            "station_host": "127.0.0.1",
            "station_port": 0,
            "http_port": 0,
            "log_level": "error",
            "report_delay": -1.0,
            **(_tls(directory) if tls else {}),
            **settings,
        }
        file = directory / "settings.json"
        file.write_text(json.dumps(told), "utf-8")
        server = Child(
            python("bench.peers.releve_doors", str(file)), server_core, directory / "log"
        )
        stack.callback(server.stop)
        word, _, port = server.hear().partition(" ")
        if word != "READY":
            raise BenchError(f"the server said {word!r} instead of READY")
        kind = "tls" if tls else "plain"
        crowd = Child(python("bench.crowd", port, kind), crowd_core, directory / "crowd-log")
        stack.callback(crowd.stop)
        yield Scene(server, crowd, database)


def _database(directory: Path, on: str) -> Database:
    if on == "sqlite":
        return Sqlite(directory)
    made = postgres()
    if isinstance(made, str):
        raise BenchError(made)
    return made


async def register(services: Services, count: int) -> None:
    """Stations of OCPP 1.6, each with the password that the crowd knows."""
    identities = [messages.identity_of(messages.V16, number) for number in range(1, count + 1)]
    for at in range(0, count, AT_ONCE):
        adding = (
            services.stations.add(DEFAULT_OPERATOR, name, password=messages.password_of(name))
            for name in identities[at : at + AT_ONCE]
        )
        await asyncio.gather(*adding)


def _tls(directory: Path) -> dict[str, Any]:
    """A certificate (P-256) of our own, and a port for it."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=2))
        .sign(key, hashes.SHA256())
    )
    (directory / "server.pem").write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    (directory / "server.key").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    return {
        "station_tls_port": port,
        "tls_certificates": [str(directory / "server.pem")],
        "tls_keys": [str(directory / "server.key")],
    }
