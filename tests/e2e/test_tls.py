"""Stations over TLS, on a port beside the plain one; certificate and key come from the settings."""

from __future__ import annotations

import asyncio
import socket
import ssl
import warnings
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from releve.app import start_node
from releve.settings import SettingsError, load
from tests.support.running import Running, running
from tests.support.visitor import Visitor, basic, line_of, visiting
from tests.unit.gateway.test_handshake_tls import make_pair, trusting

PASSWORD = "a-password-of-twenty"
Pairs = tuple[object, object]


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> Pairs:
    """An RSA and an ECDSA certificate for localhost."""
    folder = tmp_path_factory.mktemp("tls")
    return (
        make_pair(folder, "rsa", rsa.generate_private_key(65537, 2048)),
        make_pair(folder, "ecdsa", ec.generate_private_key(ec.SECP256R1())),
    )


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
async def node(tmp_path: Path, pairs: Pairs) -> AsyncIterator[Running]:
    async with running(
        tmp_path,
        station_tls_port=free_port(),
        tls_certificates=[str(pair.certificate) for pair in pairs],  # type: ignore[attr-defined]
        tls_keys=[str(pair.key) for pair in pairs],  # type: ignore[attr-defined]
    ) as started:
        yield started


def dial(node: Running, identity: str, client: ssl.SSLContext, **options: object) -> connect:
    return connect(
        f"wss://localhost:{node.node.doors[1].port}/ocpp/{identity}",
        ssl=client,
        host="127.0.0.1",
        subprotocols=[Subprotocol("ocpp1.6")],
        **options,  # type: ignore[arg-type]
    )


def certificate_kind(socket: ClientConnection) -> str:
    tls = socket.transport.get_extra_info("ssl_object")
    return "ECDSA" if "ECDSA" in tls.cipher()[0] else "RSA"


@pytest.mark.parametrize(
    ("suite", "kind"),
    [
        ("ECDHE-ECDSA-AES128-GCM-SHA256", "ECDSA"),
        ("ECDHE-ECDSA-AES256-GCM-SHA384", "ECDSA"),
        ("AES128-GCM-SHA256", "RSA"),
        ("AES256-GCM-SHA384", "RSA"),
    ],
)
async def test_a_station_charges_over_each_suite_that_ocpp_demands(
    node: Running, pairs: Pairs, suite: str, kind: str
) -> None:
    station = await node.add_station("SECURE", password=PASSWORD)
    await node.add_token("ADA")
    client = trusting(*pairs)  # type: ignore[arg-type]
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(suite)
    headers = {"Authorization": basic("SECURE", PASSWORD)}
    async with dial(node, "SECURE", client, additional_headers=headers) as socket:
        assert certificate_kind(socket) == kind
        visitor = Visitor(socket, "ocpp1.6")
        assert (await visitor.boot())["status"] == "Accepted"
        begun = await visitor.start(wh=1000)
        await visitor.stop(begun["transactionId"], 3000)
        assert await line_of(node, station) == "online"
    (row,) = (await node.get("/transactions"))["items"]
    assert row["energy_wh"] == 2000


async def test_plain_and_tls_side_by_side_lead_to_the_same_stations(
    node: Running, pairs: Pairs
) -> None:
    await node.add_station("ONE")
    async with visiting(node, "ONE") as plain:
        await plain.boot()
        async with dial(node, "ONE", trusting(*pairs)) as socket:  # type: ignore[arg-type]
            assert (await Visitor(socket, "ocpp1.6").call("Heartbeat", {}))[0] == 3
            assert await plain.closed() == 4001
        assert [door.counters.handshakes["101"] for door in node.node.doors] == [1, 1]


async def test_credentials_are_asked_over_tls_as_well(node: Running, pairs: Pairs) -> None:
    await node.add_station("SECURE", password=PASSWORD)
    with pytest.raises(InvalidStatus) as refused:
        await dial(node, "SECURE", trusting(*pairs))  # type: ignore[arg-type]
    assert refused.value.response.status_code == 401


async def test_abuse_22_tls_below_1_2_and_weak_suites_are_refused(node: Running) -> None:
    def client() -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
        context.set_ciphers("ALL:@SECLEVEL=0")
        return context

    old = client()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version, old.maximum_version = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1
    weak = client()
    weak.maximum_version = ssl.TLSVersion.TLSv1_2
    weak.set_ciphers("AES128-SHA:@SECLEVEL=0")
    for context in (old, weak):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", node.node.doors[1].port, ssl=context)
    assert node.node.doors[1].counters.accepted == 0


async def test_abuse_22_a_certificate_that_is_not_trusted_is_the_clients_to_refuse(
    node: Running, pairs: Pairs
) -> None:
    """Profile 2: the station checks ours; with another root it hangs up, and nothing is let in."""
    with pytest.raises(ssl.SSLCertVerificationError):
        await dial(node, "ONE", ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
    assert node.node.doors[1].counters.handshakes["101"] == 0


async def test_abuse_17_plain_text_on_the_tls_port_gets_nothing(node: Running) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", node.node.doors[1].port)
    writer.write(b"GET /ocpp/ONE HTTP/1.1\r\n\r\n")
    assert b"HTTP/1.1" not in await asyncio.wait_for(reader.read(), 20)
    writer.close()


async def test_a_wrong_key_is_told_at_the_start(tmp_path: Path, pairs: Pairs) -> None:
    one, two = pairs
    settings = load(
        {},
        database_url=f"sqlite:///{tmp_path / 'releve.db'}",
        secret_file=str(tmp_path / "secret"),
        http_port=0,
        station_host="127.0.0.1",
        station_port=0,
        station_tls_port=free_port(),
        tls_certificates=[str(one.certificate)],  # type: ignore[attr-defined]
        tls_keys=[str(two.key)],  # type: ignore[attr-defined]
    )
    with pytest.raises(SettingsError):
        await start_node(settings)
