"""An OCSP responder and CRL distribution point over HTTP on loopback, honest or not."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from tests.support.v2g_pki import Entity, make

GOOD, REVOKED, UNKNOWN = "good", "revoked", "unknown"


@dataclass
class Responder:
    """Answers for all certificates of the authorities it knows; good unless told otherwise.

    state: serial number -> good, revoked, unknown. The other fields are its bad habits. asked: serial numbers in the
    order of the requests. delegate: answers are signed by a responder that the authority appointed.
    """

    authorities: Sequence[Entity] = ()
    url: str = ""
    state: dict[int, str] = field(default_factory=dict)
    asked: list[int] = field(default_factory=list)
    nonces: list[bytes | None] = field(default_factory=list)
    lists: dict[str, bytes] = field(default_factory=dict)
    delay_s: float = 0.0
    fail_first: int = 0
    """So many requests are answered 503 before it works."""
    wrong_signature: bool = False
    stale: bool = False
    early: bool = False
    without_nonce: bool = False
    other_nonce: bool = False
    about_another: bool = False
    delegate: bool = True
    appointed: bool = True
    """The delegate's certificate carries the right to sign OCSP responses."""
    bring: bool = True
    """The response carries the signer's certificate."""
    bring_issuer: bool = False
    no_next_update: bool = False
    redirect_to: str = ""
    raw: bytes | None = None
    """Answered instead of an OCSP response."""
    requests: int = 0
    _delegates: dict[tuple[int, bool], Entity] = field(default_factory=dict)

    def answer(self, body: bytes) -> bytes:
        """The DER response to a DER request."""
        if self.raw is not None:
            return self.raw
        request = ocsp.load_der_ocsp_request(body)
        nonce = _nonce(request)
        self.asked.append(request.serial_number)
        self.nonces.append(nonce)
        authority = self._authority(request)
        if authority is None:
            refused = ocsp.OCSPResponseBuilder.build_unsuccessful
            return refused(ocsp.OCSPResponseStatus.UNAUTHORIZED).public_bytes(Encoding.DER)
        return self._signed(request, authority, nonce)

    def _signed(self, request: ocsp.OCSPRequest, authority: Entity, nonce: bytes | None) -> bytes:
        now = datetime.now(UTC)
        state = self.state.get(request.serial_number, GOOD)
        since = now - timedelta(days=3 if self.stale else 0, minutes=1)
        since += timedelta(hours=2 if self.early else 0)
        until = None if self.no_next_update else since + timedelta(days=1)
        signer = self._delegate(authority) if self.delegate else authority
        builder = ocsp.OCSPResponseBuilder().add_response_by_hash(
            request.issuer_name_hash,
            request.issuer_key_hash,
            request.serial_number + (1 if self.about_another else 0),
            request.hash_algorithm,
            {
                GOOD: ocsp.OCSPCertStatus.GOOD,
                REVOKED: ocsp.OCSPCertStatus.REVOKED,
                UNKNOWN: ocsp.OCSPCertStatus.UNKNOWN,
            }[state],
            since,
            until,
            now - timedelta(days=2) if state == REVOKED else None,
            None,
        )
        builder = builder.responder_id(ocsp.OCSPResponderEncoding.HASH, signer.certificate)
        brought = [signer.certificate] if self.bring else []
        if self.bring_issuer and authority is not signer:
            brought.append(authority.certificate)
        if brought:
            builder = builder.certificates(brought)
        if nonce is not None and not self.without_nonce:
            said = b"another nonce than that" if self.other_nonce else nonce
            builder = builder.add_extension(x509.OCSPNonce(said), critical=False)
        response = builder.sign(signer.key, SHA256())
        der = response.public_bytes(Encoding.DER)
        if self.wrong_signature:
            right = response.signature
            der = der.replace(right, right[:-1] + bytes([right[-1] ^ 1]))
        return der

    def _delegate(self, authority: Entity) -> Entity:
        which = (authority.certificate.serial_number, self.appointed)
        if which not in self._delegates:
            self._delegates[which] = make("OCSP responder", authority, for_ocsp=self.appointed)
        return self._delegates[which]

    def _authority(self, request: ocsp.OCSPRequest) -> Entity | None:
        for entity in self.authorities:
            request_for = ocsp.OCSPRequestBuilder().add_certificate(
                entity.certificate, entity.certificate, request.hash_algorithm
            )
            if request_for.build().issuer_key_hash == request.issuer_key_hash:
                return entity
        return None

    def publish(self, name: str, authority: Entity, *revoked: Entity, stale: bool = False) -> str:
        """Publish an authority's revocation list; its address."""
        now = datetime.now(UTC)
        builder = (
            x509.CertificateRevocationListBuilder()
            .issuer_name(authority.certificate.subject)
            .last_update(now - timedelta(days=9))
            .next_update(now + timedelta(days=-2 if stale else 3))
        )
        for entity in revoked:
            builder = builder.add_revoked_certificate(
                x509.RevokedCertificateBuilder()
                .serial_number(entity.certificate.serial_number)
                .revocation_date(now - timedelta(days=10))
                .build()
            )
        self.lists[f"/{name}"] = builder.sign(authority.key, SHA256()).public_bytes(Encoding.DER)
        return f"{self.url}/{name}"

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection, one request."""
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            path = head.split(" ")[1]
            length = next(
                (
                    int(line.split(":")[1])
                    for line in head.split("\r\n")
                    if line.lower().startswith("content-length:")
                ),
                0,
            )
            body = await reader.readexactly(length)
            self.requests += 1
            await asyncio.sleep(self.delay_s)
            writer.write(self._reply(path, body))
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    def _reply(self, path: str, body: bytes) -> bytes:
        if self.redirect_to:
            return f"HTTP/1.1 302 Found\r\nLocation: {self.redirect_to}\r\nContent-Length: 0\r\n\r\n".encode()
        if self.requests <= self.fail_first:
            return b"HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n"
        if not body and path not in self.lists:
            return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
        content = self.answer(body) if body else self.lists[path]
        head = f"HTTP/1.1 200 OK\r\nContent-Length: {len(content)}\r\nConnection: close\r\n\r\n"
        return head.encode() + content


def _nonce(request: ocsp.OCSPRequest) -> bytes | None:
    try:
        return request.extensions.get_extension_for_class(x509.OCSPNonce).value.nonce
    except x509.ExtensionNotFound:
        return None


@asynccontextmanager
async def responding(responder: Responder) -> AsyncIterator[Responder]:
    """The responder at work on a free port of this machine; `url` is set."""
    server = await asyncio.start_server(responder.serve, "127.0.0.1", 0)
    responder.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    try:
        yield responder
    finally:
        server.close()
        await server.wait_closed()
