"""eMAIDs: the number of a charging contract, as certificates, cars and stations write it.

ISO 15118-2 annex H: country 2, provider 3, instance 9 characters, and perhaps a check digit, with or without hyphens:
`NL-TNM-000122045-U`, `NLTNM000122045`. DIN SPEC 91286 had a shorter one, country 2, provider 3, instance 6, check
digit 1 (`NL-TNM-012204-5`), the same contract as the one above. All spellings of a contract are equal here.
"""

from __future__ import annotations

import re

EMAID = "eMAID"
"""The token type under which stations present one (IdTokenEnumType)."""

_ISO = re.compile(r"[A-Z]{2}[A-Z0-9]{12}[A-Z0-9]?", re.ASCII)
_DIN = re.compile(r"[A-Z]{2}[A-Z0-9]{3}[A-Z0-9]{7}", re.ASCII)
_SEPARATORS = str.maketrans("", "", "-*. ")
_LENGTH = 14
"""Characters of an ISO eMAID without its check digit."""


def canonical(text: str) -> str:
    """Upper case, without separators and check digit; what is no eMAID is returned in upper case only."""
    bare = text.translate(_SEPARATORS).upper()
    if _ISO.fullmatch(bare):
        return bare[:_LENGTH]
    if _DIN.fullmatch(bare):
        return f"{bare[:5]}00{bare[5:]}"
    return text.strip().upper()


def same_contract(one: str, other: str) -> bool:
    """Whether two spellings name the same contract."""
    return canonical(one) == canonical(other)


def spellings(text: str) -> tuple[str, ...]:
    """The ways in which the operator may have registered this contract, the presented one first."""
    bare = canonical(text)
    if not _ISO.fullmatch(bare):
        return (text,)
    full = bare + check_digit(bare)
    parts = f"{bare[:2]}-{bare[2:5]}-{bare[5:]}"
    return tuple(dict.fromkeys((text, bare, full, parts, f"{parts}-{full[-1]}")))


def check_digit(bare: str) -> str:
    """The check digit of 14 characters from A-Z and 0-9 (ISO 15118-2 annex H; eMI3, "check digit for contract ids").

    Each character is a pair modulo 2 and a pair modulo 3; the sum of all
    fifteen, each times its power of a matrix, is 0.
    """
    return next(
        letter
        for letter in _ALPHABET
        if _sum(bare + letter, 0, 2, (0, 1, 1, 1))
        == _sum(bare + letter, 2, 3, (0, 1, 1, 2))
        == (0, 0)
    )


_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_PAIRS = {letter: (i // 18, i // 9 % 2, i // 3 % 3, i % 3) for i, letter in enumerate(_ALPHABET)}


def _sum(text: str, first: int, modulus: int, matrix: tuple[int, int, int, int]) -> tuple[int, int]:
    a, b, c, d = matrix
    x = y = 0
    for letter in reversed(
        text
    ):  # Horner: each step multiplies what is summed so far by the matrix
        p, q = _PAIRS[letter][first : first + 2]
        x, y = x + p, y + q
        x, y = (x * a + y * c) % modulus, (x * b + y * d) % modulus
    return x, y
