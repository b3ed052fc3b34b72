"""Whose limit counts, and when it has been reached (E16)."""

from __future__ import annotations

from decimal import Decimal

import pytest

from releve.domain.limits import Limit, Limits, exceeded, supported_kinds


def test_the_operator_overrules_what_is_higher_and_leaves_the_rest_alone() -> None:
    ours = Limit(energy_wh=10_000, time_s=3600, cost=Decimal("20"))
    told = Limit(energy_wh=20_000, time_s=1800, soc_pct=80)

    assert ours.overrules(told) == Limit(
        energy_wh=10_000, cost=Decimal("20")
    )  # E16.FR.07, E16.FR.08


def test_the_same_limit_is_not_told_again() -> None:
    limit = Limit(energy_wh=10_000)

    assert not limit.overrules(limit)  # E16.FR.08: lower or equal


def test_the_lowest_of_two_counts_in_each_respect() -> None:
    both = Limit(energy_wh=5, time_s=100).lowest(Limit(energy_wh=7, soc_pct=80))

    assert both == Limit(energy_wh=5, time_s=100, soc_pct=80)


def test_a_change_keeps_what_it_does_not_name() -> None:
    assert Limit(time_s=5).over(Limit(energy_wh=1, time_s=9)) == Limit(energy_wh=1, time_s=5)


def test_an_empty_limit_is_false() -> None:
    assert not Limit()
    assert Limit(energy_wh=0)


@pytest.mark.parametrize(
    ("listed", "kinds"),
    [
        (None, set()),
        ("", set()),
        ("maxEnergy", {"energy_wh"}),
        (" maxEnergy, MAXTIME ,maxSoC", {"energy_wh", "time_s", "soc_pct"}),
        ("maxCost,maxLength", {"cost", "time_s"}),
        ("maxPower", set()),
    ],
)
def test_supported_limits_as_stations_list_them(listed: str | None, kinds: set[str]) -> None:
    assert supported_kinds(listed) == kinds


def test_a_limit_is_reached_at_its_value_and_never_by_what_is_unknown() -> None:
    limit = Limit(energy_wh=1000, soc_pct=80, cost=Decimal("5"))
    unknown = {"energy_wh": None, "seconds": None, "soc_pct": None}

    assert exceeded(limit, **unknown) == ""
    assert exceeded(limit, **unknown | {"energy_wh": 999.9}) == ""
    assert exceeded(limit, **unknown | {"energy_wh": 1000.0}) == "energy_wh"
    assert exceeded(limit, **unknown | {"soc_pct": 80.0}) == "soc_pct"
    assert exceeded(limit, **unknown, cost=Decimal("5.01")) == "cost"


def test_a_transaction_is_limited_by_both_sides_and_watched_for_what_the_station_cannot() -> None:
    limits = Limits(
        wanted=Limit(energy_wh=10_000, time_s=600),
        station=Limit(energy_wh=8_000, soc_pct=90),
        unsupported=("time_s",),
    )

    assert limits.effective == Limit(energy_wh=8_000, time_s=600, soc_pct=90)
    assert limits.own == Limit(time_s=600)
