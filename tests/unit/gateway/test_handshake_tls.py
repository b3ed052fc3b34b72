"""TLS at the stations' door: versions, suites, two kinds of certificate."""

from __future__ import annotations

import asyncio
import datetime as dt
import ssl
import warnings
from pathlib import Path

import pytest
import websockets
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.x509.oid import NameOID

from releve.gateway.door_settings import CertificatePair
from releve.gateway.tls import server_context
from tests.unit.gateway.door_kit import Host, open_door

BOTH_LOOPS = True


def make_pair(folder: Path, name: str, key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey):
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .sign(key, hashes.SHA256())
    )
    pair = CertificatePair(folder / f"{name}.pem", folder / f"{name}.key")
    pair.certificate.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    pair.key.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return pair


@pytest.fixture(scope="module")
def pairs(tmp_path_factory: pytest.TempPathFactory) -> tuple[CertificatePair, ...]:
    folder = tmp_path_factory.mktemp("tls")
    return (
        make_pair(folder, "rsa", rsa.generate_private_key(65537, 2048)),
        make_pair(folder, "ecdsa", ec.generate_private_key(ec.SECP256R1())),
    )


def trusting(*pairs: CertificatePair) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    for pair in pairs:
        context.load_verify_locations(pair.certificate)
    return context


async def test_a_station_speaks_over_tls_and_hangs_up_cleanly(pairs):
    async with open_door(certificates=pairs) as door:
        url = f"wss://localhost:{door.server.port}/ocpp/ST-1"
        async with websockets.connect(url, ssl=trusting(*pairs), host="127.0.0.1") as station:
            await station.send("x" * 100_000)
            assert await station.recv() == "x" * 100_000
        told = door.host.knocks[0]

        assert told.secure
        assert told.certificates == ()
        assert (await door.host.ears[0].was_closed) == (1000, "")


async def test_a_refusal_is_readable_over_tls(pairs):
    from releve.gateway.door import Refusal

    async def no(told):
        return Refusal(401, "Wrong password.")

    async with open_door(Host(no), certificates=pairs) as door:
        with pytest.raises(websockets.InvalidStatus) as failed:
            await websockets.connect(
                f"wss://localhost:{door.server.port}/ocpp/A", ssl=trusting(*pairs), host="127.0.0.1"
            )
        assert failed.value.response.status_code == 401


# The four that OCPP demands: 1.6 security whitepaper A00.FR.317, 2.0.1 and 2.1 A00.FR.318.
@pytest.mark.parametrize(
    "suite",
    [
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    ],
)
async def test_each_suite_that_ocpp_demands_is_served(pairs, suite):
    client = trusting(*pairs)
    client.maximum_version = ssl.TLSVersion.TLSv1_2
    client.set_ciphers(suite)
    async with (
        open_door(certificates=pairs) as door,
        websockets.connect(
            f"wss://localhost:{door.server.port}/ocpp/A", ssl=client, host="127.0.0.1"
        ) as station,
    ):
        tls = station.transport.get_extra_info("ssl_object")
        assert tls.cipher()[0] == suite
        await station.send("[]")
        assert await station.recv() == "[]"


async def test_older_tls_and_plain_text_are_refused(pairs):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    old.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)
        old.minimum_version = old.maximum_version = ssl.TLSVersion.TLSv1_1
    async with open_door(certificates=pairs) as door:
        with pytest.raises((ssl.SSLError, ConnectionError)):
            await asyncio.open_connection("127.0.0.1", door.server.port, ssl=old)
        client = await door.dial()
        client.send(b"GET /ocpp/ST-1 HTTP/1.1\r\n\r\n")
        assert b"HTTP/1.1" not in await client.reader.read()
        assert door.host.knocks == []


async def test_a_tls_handshake_that_stops_is_dropped(pairs):
    async with open_door(certificates=pairs, handshake_timeout_s=0.3) as door:
        client = await door.dial()
        client.send(b"\x16\x03\x01")
        assert await client.gone()


def test_a_key_that_does_not_fit_is_an_error_at_the_start(pairs):
    mixed = CertificatePair(pairs[0].certificate, pairs[1].key)
    with pytest.raises(ssl.SSLError):
        server_context([mixed])
    with pytest.raises(OSError, match="No such file"):
        server_context([CertificatePair(Path("missing.pem"), pairs[0].key)])
