"""Signatures of firmware, and the certificates of those who make them."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime, timedelta

import pytest

from releve.services.errors import Invalid
from releve.services.signatures import (
    LIFETIME,
    Algorithm,
    Checked,
    certificate_of,
    check,
    check_validity,
    new_key,
    sign,
)

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DIGEST = hashlib.sha256(b"an image").hexdigest()


@pytest.mark.parametrize("algorithm", list(Algorithm))
def test_what_is_signed_here_is_good(algorithm: Algorithm):
    key = new_key(algorithm)
    certificate = certificate_of(key, "Maker", NOW)
    assert check(certificate, sign(key, DIGEST), DIGEST) is Checked.GOOD


def test_another_files_signature_is_wrong():
    key = new_key(Algorithm.RSA)
    other = hashlib.sha256(b"another image").hexdigest()
    assert check(certificate_of(key, "Maker", NOW), sign(key, other), DIGEST) is Checked.WRONG


def test_the_signers_certificate_has_to_be_valid_now():
    certificate = certificate_of(new_key(Algorithm.EC), "Maker", NOW)
    check_validity(certificate, NOW)
    with pytest.raises(Invalid, match="expired on 2036"):
        check_validity(certificate, NOW + LIFETIME + timedelta(seconds=1))
    with pytest.raises(Invalid, match="not valid before 2026-05-31"):
        check_validity(certificate, NOW - timedelta(days=1))
