"""TLS for the stations' door, as the OCPP security profiles ask for it."""

from __future__ import annotations

import ssl
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import structlog

from releve.gateway.door_settings import CertificatePair

__all__ = ["DoorContext", "presented_chain", "server_context"]

log = structlog.get_logger(__name__)

# The four suites that a central system must offer are ECDHE-ECDSA and plain RSA with AES-GCM (1.6
# security whitepaper A00.FR.317, A00.FR.421; 2.x A00.FR.318, A00.FR.421). Python's default leaves plain
# RSA out. None is marked as unsuitable (A00.FR.320, A00.FR.423); a client that offers no other is cut
# off by TLS itself (A00.FR.322, A00.FR.425). TLS 1.3 has its own.
_CIPHERS = ":".join(
    (
        "ECDHE-ECDSA-AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES256-GCM-SHA384",
        "ECDHE-RSA-AES128-GCM-SHA256",
        "ECDHE-RSA-AES256-GCM-SHA384",
        "ECDHE+CHACHA20",
        "AES128-GCM-SHA256",
        "AES256-GCM-SHA384",
    )
)
# X509_V_FLAG_NO_CHECK_TIME: whether an expired certificate may come in to be renewed is decided for
# each station (A00.FR.429), after the handshake.
_NO_CHECK_TIME = 0x200000


def server_context(
    certificates: Sequence[CertificatePair],
    anchors: Sequence[str] = (),
    *,
    demand: bool = False,
    context: ssl.SSLContext | None = None,
) -> ssl.SSLContext:
    """A server's context: TLS 1.2 or later, no compression, no renegotiation, our order of suites.

    With an RSA and an ECDSA certificate, each client gets the kind it understands. anchors (PEM):
    clients are asked for a certificate that leads to one of them; demand: they must have one.
    Raises OSError for a file that cannot be read and `ssl.SSLError` for a key that does not fit.
    """
    # A00.FR.306, A00.FR.409: the server's side. A00.FR.313, A00.FR.315, A00.FR.416, A00.FR.418.
    context = context or ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= (
        ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    )
    for pair in certificates:  # A00.FR.307, A00.FR.410
        context.load_cert_chain(pair.certificate, pair.key)
    if anchors or demand:
        context.verify_mode = ssl.CERT_REQUIRED if demand else ssl.CERT_OPTIONAL
        context.verify_flags |= ssl.VerifyFlags(_NO_CHECK_TIME) | ssl.VERIFY_X509_PARTIAL_CHAIN
    if anchors:
        context.load_verify_locations(cadata="\n".join(anchors))
    return context


class DoorContext(ssl.SSLContext):
    """The context that a door listens with: each new connection is made from the one that holds at that moment.

    asks: whether clients are asked for certificates at all; demand: whether they must have one.
    refused: handshakes that failed, by OpenSSL's word for the reason.
    """

    certificates: Sequence[CertificatePair]
    asks: bool
    demand: bool
    refused: Counter[str]
    _now: ssl.SSLContext

    @classmethod
    def opened(
        cls, certificates: Sequence[CertificatePair], *, asks: bool = True, demand: bool = False
    ) -> DoorContext:
        """For these certificates of ours; nobody is trusted yet. Errors as of `server_context`."""
        self = cls(ssl.PROTOCOL_TLS_SERVER)
        self.certificates, self.asks, self.demand = certificates, asks, demand
        self.refused = Counter()
        self.trust(())
        return self

    def trust(self, anchors: Sequence[str]) -> None:
        """Ask new clients for certificates that lead to these (PEM). When it raises, nothing has changed."""
        self._now = server_context(
            self.certificates, anchors if self.asks else (), demand=self.demand
        )

    def wrap_bio(self, *args: Any, **options: Any) -> ssl.SSLObject:
        """One connection's TLS (asyncio and uvloop call this)."""
        made = self._now.wrap_bio(*args, **options)
        made.do_handshake = _watched(made.do_handshake, self.refused)  # type: ignore[method-assign]
        return made


def _watched(shake: Callable[[], None], refused: Counter[str]) -> Callable[[], None]:
    """A handshake whose failure is told: an event loop only hangs up (abuse case 22)."""

    def do_handshake() -> None:
        try:
            shake()
        except (ssl.SSLWantReadError, ssl.SSLWantWriteError):
            raise
        except ssl.SSLError as error:
            reason = (error.reason or "failed").lower()
            refused[reason] += 1
            why = getattr(error, "verify_message", "")
            tell = log.info if why else log.debug
            tell("tls refused", reason=reason, certificate=why or None)
            raise

    return do_handshake


def presented_chain(tls: ssl.SSLObject) -> tuple[bytes, ...]:
    """The certificates that the client sent (DER), its own first; empty when it sent none."""
    leaf = tls.getpeercert(binary_form=True)
    if leaf is None:
        return ()
    # Public from Python 3.13 on, there before under another name.
    source = getattr(tls, "get_unverified_chain", None) or tls._sslobj.get_unverified_chain  # type: ignore[attr-defined]
    others = [one if isinstance(one, bytes) else one.public_bytes(_DER) for one in source() or ()]
    return (leaf, *(one for one in others if one != leaf))


_DER = 2  # _ssl.ENCODING_DER
