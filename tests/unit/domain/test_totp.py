"""One-time passwords of QR codes."""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from hashlib import sha256

from releve.domain.totp import AS_PRINTED, BASE62, interval_at, totp, valid

AT = datetime(2026, 3, 1, 12, 0, 10, tzinfo=UTC)
SECRET = "a secret of a station"


def plain(secret: str, seconds: float, validity: int, length: int) -> str:
    """The algorithm as the specification writes it, word by word."""
    interval = int(seconds // validity)
    digest = hmac.new(secret.encode(), interval.to_bytes(8, "big"), sha256).digest()
    offset = digest[-1] & 0x0F
    text = ""
    for i in range(length):
        text += BASE62[digest[(offset + i) % len(digest)] % 62]
    return text


def test_the_alphabet_has_as_many_letters_as_its_name_says() -> None:
    assert len(BASE62) == len(set(BASE62)) == 62
    assert len(AS_PRINTED) == 61


def test_it_is_the_specifications_algorithm() -> None:
    for seconds in (0, 29, 30, 10**9):
        assert totp(SECRET, seconds // 30, 12) == plain(SECRET, seconds, 30, 12)


def test_a_password_is_good_in_its_interval_and_the_neighbours() -> None:
    for step, good in ((-2, False), (-1, True), (0, True), (1, True), (2, False)):
        made = totp(SECRET, interval_at(AT, 30) + step, 12)
        assert valid(made, SECRET, AT, 30, 12) is good, step


def test_passwords_of_the_alphabet_as_printed_are_good_too() -> None:
    made = totp(SECRET, interval_at(AT, 30), 12, AS_PRINTED)
    assert valid(made, SECRET, AT, 30, 12)


def test_another_secret_length_or_text_is_refused() -> None:
    made = totp(SECRET, interval_at(AT, 30), 12)
    assert not valid(made, "another", AT, 30, 12)
    assert not valid(made[:8], SECRET, AT, 30, 12)
    assert not valid("", SECRET, AT, 30, 12)
    assert not valid("é" * 12, SECRET, AT, 30, 12)
    assert not valid(made, SECRET, AT + timedelta(minutes=5), 30, 12)
