"""Signing requests, honest and otherwise."""

from __future__ import annotations

import base64

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.x509.oid import NameOID

from releve.services.certificates.signing_requests import misfit, read
from tests.support.pki import ORGANISATION, csr, rsa_key


@pytest.mark.parametrize("key", [None, rsa_key()])
def test_an_honest_request_is_read(key):
    request = read(csr("SN-1", key=key))
    assert not isinstance(request, str)
    assert (request.common_name, request.organisation) == ("SN-1", ORGANISATION)
    assert request.rsa is (key is not None)
    assert misfit(request, {"SN-1"}, {ORGANISATION}) is None


def test_abuse_23_another_stations_name_or_owner_is_refused():
    request = read(csr("SN-2"))
    assert not isinstance(request, str)
    assert "SN-2" in (misfit(request, {"SN-1", ""}, {ORGANISATION}) or "")
    assert "Test Operator" in (misfit(request, {"SN-2"}, {"Another"}) or "")
    for name in ("sn-2", "SN-2 ", "SN-22"):  # exact: no case, no spaces, no parts
        assert misfit(request, {name}, {ORGANISATION}) is not None
    nobody = read(csr("SN-2", None))
    assert not isinstance(nobody, str)
    assert misfit(nobody, {"SN-2"}, {ORGANISATION}) is not None


def test_abuse_23_a_weak_key_is_refused():
    weak = rsa.generate_private_key(65537, 1024)
    assert read(csr("SN-1", key=weak)) == "its RSA key has 1024 bits; at least 2048 are wanted"


def test_a_request_with_two_names_is_refused():
    two = csr("SN-1", more=(x509.NameAttribute(NameOID.COMMON_NAME, "SN-2"),))
    assert "one common name" in str(read(two))


def test_a_request_that_was_changed_is_refused():
    head, *middle, tail = csr("SN-1").strip().splitlines()
    raw = bytearray(base64.b64decode("".join(middle)))
    raw[-1] ^= 1
    changed = "\n".join([head, base64.b64encode(raw).decode(), tail])
    assert isinstance(read(changed), str)


@pytest.mark.parametrize(
    "text", ["", "hello", "-----BEGIN CERTIFICATE REQUEST-----\n", "é", "x" * 6000]
)
def test_what_is_no_request_is_refused_in_words(text):
    assert isinstance(read(text), str)
