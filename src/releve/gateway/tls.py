"""TLS for the stations' door, as the OCPP security profiles ask for it."""

from __future__ import annotations

import ssl
from collections.abc import Sequence

from releve.gateway.door_settings import CertificatePair

__all__ = ["server_context"]

# The four suites that a central system must offer are ECDHE-ECDSA and plain RSA with AES-GCM (1.6
# security whitepaper 6.3.1 A00.FR.317; 2.0.1 A00.FR.318). Python's default leaves plain RSA out.
# TLS 1.3 has its own.
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


def server_context(certificates: Sequence[CertificatePair]) -> ssl.SSLContext:
    """A server's context: TLS 1.2 or later, no compression, no renegotiation, our order of suites.

    With an RSA and an ECDSA certificate, each client gets the kind it understands. Raises OSError
    for a file that cannot be read and `ssl.SSLError` for a key that does not fit.
    """
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(_CIPHERS)
    context.options |= (
        ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION | ssl.OP_CIPHER_SERVER_PREFERENCE
    )
    for pair in certificates:
        context.load_cert_chain(pair.certificate, pair.key)
    return context
