"""Stations' passwords, in every form that stations send."""

import pytest

from releve.services.credentials import Credentials
from releve.services.errors import Invalid
from releve.storage.ids import SystemIds


@pytest.fixture
def credentials() -> Credentials:
    return Credentials(b"pepper", SystemIds())


def test_a_generated_password_fits_every_version(credentials: Credentials) -> None:
    password = credentials.generate()
    assert 16 <= len(password.encode()) <= 20
    assert password.isalnum()
    assert credentials.verify(credentials.verifier(password), password.encode())


def test_another_password_does_not_fit(credentials: Credentials) -> None:
    verifier = credentials.verifier("0123456789abcdefghij")
    assert not credentials.verify(verifier, b"0123456789abcdefghiJ")
    assert not credentials.verify(verifier, b"")


def test_both_forms_of_1_6(credentials: Credentials) -> None:
    """Set as hexadecimal, sent as raw bytes; and the station that sends the hexadecimal text itself."""
    raw = bytes(range(200, 218))  # not UTF-8
    as_hex = credentials.verifier(raw.hex())
    assert credentials.verify(as_hex, raw)
    assert credentials.verify(as_hex, raw.hex().encode())
    upper = credentials.verifier(raw.hex().upper())
    assert credentials.verify(upper, raw)
    plain = credentials.verifier("abcdefghijklmnopqrst")
    assert credentials.verify(plain, b"abcdefghijklmnopqrst".hex().encode())


def test_another_pepper_knows_nobody(credentials: Credentials) -> None:
    verifier = credentials.verifier("0123456789abcdefghij")
    assert not Credentials(b"other", SystemIds()).verify(verifier, b"0123456789abcdefghij")


def test_salted(credentials: Credentials) -> None:
    password = credentials.generate()
    assert credentials.verifier(password) != credentials.verifier(password)


@pytest.mark.parametrize("password", ["", "short", "x" * 15, "x" * 41])
def test_length(credentials: Credentials, password: str) -> None:
    with pytest.raises(Invalid, match="16 to 40"):
        credentials.verifier(password)


def test_what_is_no_verifier_fits_nothing(credentials: Credentials) -> None:
    assert not credentials.verify("plain$x$y", b"y")
