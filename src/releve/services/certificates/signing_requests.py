"""Certificate signing requests (PKCS #10): read, and judged before anything is signed."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import rsa

from releve.services.certificates.pem import common_names, key_problem, organisations

LARGEST = 5500
"""Characters (2.x SignCertificateRequest.csr, 1.6 alike)."""


class SigningRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a request says. The key's kind decides which kind of authority signs it: a station may know only one."""

    common_name: str
    organisation: str
    rsa: bool
    pem: str


def read(text: str) -> SigningRequest | str:
    """The request, or in words what is wrong with it whoever made it: form, signature, key, names."""
    if len(text) > LARGEST:
        return "it is too long"
    try:
        csr = x509.load_pem_x509_csr(text.strip().encode("ascii"))
        key = csr.public_key()
        # A02.FR.02: whoever asks holds the private key, and proves it by the request's own signature.
        if not csr.is_signature_valid:
            return "its signature is not made by its own key"
    except (ValueError, UnsupportedAlgorithm) as error:
        return f"it cannot be read ({error})"
    if (weak := key_problem(key)) is not None:
        return weak
    cn, o = common_names(csr.subject), organisations(csr.subject)
    if len(cn) != 1 or not cn[0]:
        return "it has to have one common name (CN)"
    if len(o) > 1:
        return "it has more than one organisation (O)"
    return SigningRequest(
        common_name=cn[0],
        organisation=o[0] if o else "",
        rsa=isinstance(key, rsa.RSAPublicKey),
        pem=text.strip() + "\n",
    )


def misfit(request: SigningRequest, names: Collection[str], owners: Collection[str]) -> str | None:
    """Why this request is not that station's (abuse case 23); None when CN and O are exactly one of those expected.

    A00.FR.511: CN is the station's serial number; A00.FR.509: O is the operator.
    """
    if request.common_name not in names:
        wanted = " or ".join(sorted(filter(None, names)))
        return f"its common name is {request.common_name!r}, not {wanted}"
    if request.organisation not in owners:
        wanted = " or ".join(sorted(owners)) or "(none is set)"
        return f"its organisation is {request.organisation!r}, not {wanted}"
    return None
