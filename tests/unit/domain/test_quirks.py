"""The table of quirks: who belongs to a family, and what follows from it."""

from __future__ import annotations

import pytest

from releve.domain.quirks import NONE, Family, Quirks, conditions, matches_version, merged
from releve.domain.quirks_told import QUIRKS


def family(**about: object) -> Family:
    known = {"id": "f", "name": "F", "vendor": "ABB", "sources": ("here#1",), "quirks": Quirks()}
    return Family(**{**known, **about})  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("about", "told", "belongs"),
    [
        ({}, ("ABB", "TAC-7", ""), True),
        ({}, (" abb ", "TAC-7", ""), True),
        ({}, ("ABB E-mobility", "TAC-7", ""), False),
        ({"vendor": "EV-?BOX"}, ("EVBox", "Elvi", ""), True),
        ({"model": "TAC.*"}, ("ABB", "tacw22", ""), True),
        ({"model": "TAC.*"}, ("ABB", "Terra 54", ""), False),
        ({"firmware": ">=1.4,<1.6.2"}, ("ABB", "", "V1.6.1"), True),
        ({"firmware": ">=1.4,<1.6.2"}, ("ABB", "", "1.6.2"), False),
        ({"firmware": "<2"}, ("ABB", "", ""), False),
        ({"firmware": "~TAC3Z.*"}, ("ABB", "", "TAC3Z91::V1.8"), True),
    ],
)
def test_who_belongs_to_a_family(about, told, belongs):
    assert family(**about).has(*told) is belongs


@pytest.mark.parametrize(
    ("wanted", "version", "fits"),
    [
        ("==1.2", "1.2.0", True),
        (">1.2", "1.2.0", False),
        (">1.2", "1.10", True),
        ("<=3", "3.0.1", False),
        (">=5.0", "v5-rc1", True),
    ],
)
def test_versions_are_compared_number_by_number(wanted, version, fits):
    assert matches_version(wanted, version) is fits


def test_what_is_no_version_condition_is_found_at_once():
    with pytest.raises(ValueError, match="no condition"):
        conditions("1.2 and later")


def test_later_families_and_the_operator_win_and_limits_are_merged():
    old = family(quirks=Quirks(rate_unit="A", limits={"a": 1, "b": 2}, whole_limits=True))
    new = family(quirks=Quirks(rate_unit="W", limits={"b": 3}))
    switched = {"whole_limits": False, "limits": {"a": None, "c": 4}}
    found = merged([old, new], switched)
    assert found == Quirks(rate_unit="W", limits={"b": 3, "c": 4})
    assert merged([], {}) is NONE


def test_every_quirk_is_told_to_people_in_the_order_of_the_table():
    assert list(QUIRKS) == list(Quirks.__struct_fields__)
    assert all(told.wrong.endswith(".") and told.remedy.endswith(".") for told in QUIRKS.values())


@pytest.mark.parametrize("field", Quirks.__struct_fields__)
def test_by_the_book_nothing_is_wrong(field):
    assert not getattr(NONE, field)
    assert not NONE.mends
