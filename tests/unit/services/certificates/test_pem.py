"""Reading certificates, naming them by hashes, sealing keys."""

from __future__ import annotations

import hashlib

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import ocsp

from releve.services.certificates.authority import chain_of, key_from_pem, key_to_pem
from releve.services.certificates.hashes import HashAlgorithm, hash_data, responder_url
from releve.services.certificates.pem import in_order, load_chain, load_der, self_signed, to_pem
from releve.services.certificates.vault import Unsealable, Vault
from releve.services.errors import Invalid
from tests.support.pki import authority, ec_key


def test_a_chain_survives_the_way_to_text_and_back_in_any_order():
    ca = authority()
    issued = ca.issue("SN-1")
    shuffled = to_pem([ca.root.certificate, issued.leaf, ca.issuing.certificate])
    read = load_chain("a note above\n" + shuffled)
    assert in_order(read) == [issued.leaf, ca.issuing.certificate, ca.root.certificate]
    assert chain_of(ca.issuing, issued.leaf) == [issued.leaf, ca.issuing.certificate]
    assert self_signed(ca.root.certificate)
    assert not self_signed(ca.issuing.certificate)


@pytest.mark.parametrize(
    "text",
    ["", "hello", "x" * 70_000, "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----"],
)
def test_what_is_no_certificate_is_refused_in_words(text):
    with pytest.raises(Invalid):
        load_chain(text)
    assert load_der(text.encode()) is None


@pytest.mark.parametrize("is_rsa", [False, True])
def test_hashes_are_those_of_ocsp(is_rsa):
    """Held against the library's own OCSP request, which has the same three."""
    ca = authority(is_rsa=is_rsa)
    leaf, issuer = ca.issue("SN-1").leaf, ca.issuing.certificate
    request = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, SHA256()).build()
    named = hash_data(leaf, issuer)
    assert named.issuer_key_hash == request.issuer_key_hash.hex()
    assert named.issuer_name_hash == request.issuer_name_hash.hex()
    assert int(named.serial_number, 16) == request.serial_number
    longer = hash_data(leaf, issuer, HashAlgorithm.SHA512)
    assert longer.issuer_name_hash == hashlib.sha512(leaf.issuer.public_bytes()).hexdigest()
    key_id = x509.SubjectKeyIdentifier.from_public_key(issuer.public_key()).digest
    old = ocsp.OCSPRequestBuilder().add_certificate(leaf, issuer, SHA1()).build()
    assert old.issuer_key_hash == key_id
    assert responder_url(leaf) is None
    loud = type(named)(
        issuer_name_hash=named.issuer_name_hash.upper(),
        issuer_key_hash=named.issuer_key_hash.upper(),
        serial_number="00" + named.serial_number.upper(),
    )
    assert named.matches(loud)
    assert not named.matches(longer)


def test_a_sealed_key_opens_with_the_same_secret_and_label_only():
    key, vault = key_to_pem(ec_key()), Vault(b"s" * 40)
    sealed = vault.seal(key, "1/root")
    assert b"PRIVATE" not in sealed.encode()
    assert vault.open(sealed, "1/root") == key
    for other, label in ((vault, "1/issuing"), (Vault(b"t" * 40), "1/root")):
        with pytest.raises(Unsealable):
            other.open(sealed, label)
    with pytest.raises(Unsealable):
        vault.open(sealed[:-4] + "AAAA", "1/root")


def test_a_key_that_cannot_sign_here_is_refused():
    with pytest.raises(Invalid):
        key_from_pem(b"hello")
    assert key_from_pem(key_to_pem(ec_key())).public_key()


def test_der_is_read_as_tls_gives_it():
    leaf = authority().issue("SN-1").leaf
    assert load_der(leaf.public_bytes(Encoding.DER)) == leaf
