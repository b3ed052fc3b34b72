"""VAT numbers by their form and check digits."""

from __future__ import annotations

import pytest

from releve.domain.vat import COUNTRIES, VatNumber, VatProblem, read_vat_number

GOOD = [
    "ATU13585627",
    "BE0428759497",
    "BG101004508",
    "CY10259033P",
    "CZ25123891",
    "DE136695976",
    "DK13585628",
    "EE100594102",
    "EL094259216",
    "ESX2482300W",
    "FI20774740",
    "FR40303265045",
    "FR83404833048",
    "HR33392005961",
    "HU12892312",
    "IE6433435F",
    "IT00743110157",
    "LT119511515",
    "LU15027442",
    "LV40003009497",
    "MT11679112",
    "NL004495445B01",
    "PL8567346215",
    "PT501964843",
    "RO18547290",
    "SE123456789701",
    "SI50223054",
    "SK2022749619",
    "XI123456789",
]


@pytest.mark.parametrize("text", GOOD)
def test_a_number_of_each_country_is_read(text: str) -> None:
    assert read_vat_number(text) == VatNumber(text[:2], text[2:])


def test_every_country_has_an_example() -> None:
    assert {text[:2] for text in GOOD} == COUNTRIES


@pytest.mark.parametrize("text", ["DE 136 695 976", "de136.695.976", " DE-136695976 "])
def test_blanks_and_dots_are_habits(text: str) -> None:
    assert str(read_vat_number(text)) == "DE136695976"


def test_greece_writes_its_country_as_el() -> None:
    assert str(read_vat_number("GR094259216")) == "EL094259216"


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "NoCountry"),
        ("123456789", "NoCountry"),
        ("US123456789", "UnknownCountry"),
        ("DE12345678", "WrongFormat"),
        ("NL004495445X01", "WrongFormat"),
    ],
)
def test_what_cannot_be_right_is_named(text: str, code: str) -> None:
    problem = read_vat_number(text)
    assert isinstance(problem, VatProblem)
    assert problem.code == code
    assert len(problem.code) <= 20


@pytest.mark.parametrize(
    "text",
    [*(t for t in GOOD if t[:2] in "AT BE DE DK FI IT LU PL PT SE SK"), "FR40303265045"],
)
def test_a_mistyped_digit_is_found(text: str) -> None:
    wrong = 0
    for digit in "0123456789":
        changed = text[:6] + digit + text[7:]
        if changed != text and isinstance(read_vat_number(changed), VatProblem):
            wrong += 1
    assert wrong >= 8, "nearly every wrong digit fails the check"
