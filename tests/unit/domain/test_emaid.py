"""Spellings of contract numbers."""

from __future__ import annotations

import pytest

from releve.domain.emaid import canonical, check_digit, same_contract, spellings


@pytest.mark.parametrize(
    ("bare", "digit"),
    [
        ("NN123ABCDEFGHI", "T"),
        ("FRXYZ123456789", "2"),
        ("ITA1B2C3E4F5G6", "4"),
        ("ESZU8WOX834H1D", "R"),
        ("PT73902837ABCZ", "Z"),
        ("DE83DUIEN83QGZ", "D"),
        ("DE83DUIEN83ZGQ", "M"),
        ("DE8AA001234567", "0"),
        ("NLTNM000122045", "U"),
    ],
)
def test_check_digits_are_those_that_others_reckon(bare: str, digit: str) -> None:
    assert check_digit(bare) == digit


@pytest.mark.parametrize(
    "spelling",
    [
        "NLTNM000122045",
        "nltnm000122045u",
        "NL-TNM-000122045-U",
        "NL-TNM-000122045",
        "NL*TNM*000122045",
        "NL-TNM-012204-5",  # DIN SPEC 91286
    ],
)
def test_every_spelling_is_the_same_contract(spelling: str) -> None:
    assert canonical(spelling) == "NLTNM000122045"
    assert same_contract(spelling, "NL-TNM-000122045-U")
    found = spellings(spelling)
    assert found[0] == spelling, "what is presented is tried first"
    assert {"NLTNM000122045", "NLTNM000122045U", "NL-TNM-000122045-U", "NL-TNM-000122045"} <= set(
        found
    )


def test_another_contract_is_another_one() -> None:
    assert not same_contract("NLTNM000122045", "NLTNM000122046")


def test_what_is_no_emaid_stays_as_it_is() -> None:
    assert canonical(" card 7 ") == "CARD 7"
    assert spellings("DEADBEEF") == ("DEADBEEF",)
