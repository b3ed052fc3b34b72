"""VAT numbers of the European Union and Northern Ireland: how each country writes them."""

from __future__ import annotations

import re

import msgspec

# The structure of VAT identification numbers, as the European Commission lists them for VIES.
_FORMATS = {
    "AT": r"U\d{8}",
    "BE": r"[01]\d{9}",
    "BG": r"\d{9,10}",
    "CY": r"\d{8}[A-Z]",
    "CZ": r"\d{8,10}",
    "DE": r"\d{9}",
    "DK": r"\d{8}",
    "EE": r"\d{9}",
    "EL": r"\d{9}",
    "ES": r"[A-Z0-9]\d{7}[A-Z0-9]",
    "FI": r"\d{8}",
    "FR": r"[A-HJ-NP-Z0-9]{2}\d{9}",
    "HR": r"\d{11}",
    "HU": r"\d{8}",
    "IE": r"\d[A-Z0-9+*]\d{5}[A-Z]{1,2}",
    "IT": r"\d{11}",
    "LT": r"(?:\d{9}|\d{12})",
    "LU": r"\d{8}",
    "LV": r"\d{11}",
    "MT": r"\d{8}",
    "NL": r"[A-Z0-9+*]{9}B\d{2}",
    "PL": r"\d{10}",
    "PT": r"\d{9}",
    "RO": r"\d{2,10}",
    "SE": r"\d{10}01",
    "SI": r"\d{8}",
    "SK": r"\d{10}",
    "XI": r"(?:\d{9}|\d{12}|GD[0-4]\d{2}|HA[5-9]\d{2})",
}
_PATTERNS = {country: re.compile(pattern) for country, pattern in _FORMATS.items()}
COUNTRIES = frozenset(_FORMATS)
_BLANKS = re.compile(r"[\s.\-/]")


class VatNumber(msgspec.Struct, frozen=True):
    """country: two letters, EL for Greece as in VIES."""

    country: str
    number: str

    def __str__(self) -> str:
        return self.country + self.number


class VatProblem(msgspec.Struct, frozen=True):
    """Why a number cannot be right. code: for statusInfo, at most 20 characters."""

    code: str
    text: str


def read_vat_number(text: str) -> VatNumber | VatProblem:
    """The number that was typed, without the blanks and dots of its country's habit, or what is wrong with it."""
    plain = _BLANKS.sub("", text).upper()
    country, number = plain[:2], plain[2:]
    if country == "GR":  # the country's own code; its VAT numbers have another (EL)
        country = "EL"
    if not country.isalpha() or len(country) < 2:
        return VatProblem("NoCountry", "A VAT number begins with its country's two letters.")
    if country not in COUNTRIES:
        return VatProblem("UnknownCountry", f"{country} is no member of the European Union.")
    if not _PATTERNS[country].fullmatch(number):
        return VatProblem("WrongFormat", f"This is not how {country} writes VAT numbers.")
    if not _CHECKS.get(country, _any)(number):
        return VatProblem("WrongCheckDigit", "Its check digit does not fit: a digit is mistyped.")
    return VatNumber(country, number)


def _any(number: str) -> bool:
    return True


def _weighted(number: str, weights: tuple[int, ...]) -> int:
    return sum(int(digit) * weight for digit, weight in zip(number, weights, strict=False))


def _germany(number: str) -> bool:
    """ISO 7064, MOD 11,10."""
    product = 10
    for digit in number[:8]:
        total = (int(digit) + product) % 10 or 10
        product = total * 2 % 11
    return (11 - product) % 10 == int(number[8])


def _belgium(number: str) -> bool:
    return 97 - int(number[:8]) % 97 == int(number[8:])


def _luhn(number: str) -> bool:
    total = 0
    for place, digit in enumerate(reversed(number)):
        value = int(digit) * (1 + place % 2)
        total += value - 9 if value > 9 else value
    return total % 10 == 0


def _france(number: str) -> bool:
    """The SIREN by Luhn; of the key only its numeric form has a rule. La Poste and Monaco are exempt from Luhn."""
    key, siren = number[:2], number[2:]
    if key.isdigit() and siren[:3] != "000":
        return (int(siren) * 100 + 12) % 97 == int(key)
    return True


def _austria(number: str) -> bool:
    total = 0
    for place, digit in enumerate(number[1:8]):
        value = int(digit) * (1 + place % 2)
        total += value // 10 + value % 10
    return (96 - total) % 10 == int(number[8])


def _denmark(number: str) -> bool:
    return _weighted(number, (2, 7, 6, 5, 4, 3, 2, 1)) % 11 == 0


def _finland(number: str) -> bool:
    return (11 - _weighted(number, (7, 9, 10, 5, 8, 4, 2)) % 11) % 11 == int(number[7])


def _luxembourg(number: str) -> bool:
    return int(number[:6]) % 89 == int(number[6:])


def _poland(number: str) -> bool:
    return _weighted(number, (6, 5, 7, 2, 3, 4, 5, 6, 7)) % 11 == int(number[9])


def _portugal(number: str) -> bool:
    check = 11 - _weighted(number, (9, 8, 7, 6, 5, 4, 3, 2)) % 11
    return (0 if check > 9 else check) == int(number[8])


def _slovakia(number: str) -> bool:
    return int(number) % 11 == 0


_CHECKS = {
    "AT": _austria,
    "BE": _belgium,
    "DE": _germany,
    "DK": _denmark,
    "FI": _finland,
    "FR": _france,
    "IT": _luhn,
    "LU": _luxembourg,
    "PL": _poland,
    "PT": _portugal,
    "SE": lambda number: _luhn(number[:10]),
    "SK": _slovakia,
}
