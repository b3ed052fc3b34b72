"""What a station accepts as a charging profile, what it replaces, and what it clears."""

import pytest

from releve.simulator.electrical import Unit, ac
from releve.simulator.profiles.model import Kind, Purpose, Recurrency
from releve.simulator.profiles.store import ProfileRules, ProfileStore, Refusal
from tests.unit.simulator.profile_makers import at, profile

RUNNING = {1: "t1"}


def store(**rules) -> ProfileStore:
    return ProfileStore(ProfileRules(**rules), {1: ac(32), 2: ac(32)})


@pytest.fixture
def old() -> ProfileStore:
    return store()


@pytest.fixture
def new() -> ProfileStore:
    return store(strict_duplicates=True)


def ids(installed):
    return sorted(each.id for each in installed)


@pytest.mark.parametrize(
    ("bad", "refusal"),
    [
        (profile((0, 10), evse=7), Refusal.UNKNOWN_EVSE),
        (profile((0, 10), level=9), Refusal.INVALID_STACK_LEVEL),
        (profile((5, 10)), Refusal.INVALID_SCHEDULE),
        (profile((0, 10), (60, 5), (60, 6)), Refusal.INVALID_SCHEDULE),
        (profile((0, 10), (60, 5), (30, 6)), Refusal.INVALID_SCHEDULE),
        (profile(*((s, 10) for s in range(25))), Refusal.TOO_MANY),
        (profile((0, 10), purpose=Purpose.EXTERNAL), Refusal.PURPOSE),
        (profile((0, 10), purpose=Purpose.STATION_MAX, evse=1), Refusal.INVALID_PROFILE),
        (
            profile((0, 10), purpose=Purpose.STATION_MAX, kind=Kind.RELATIVE),
            Refusal.INVALID_PROFILE,
        ),
        (profile((0, 10), purpose=Purpose.TX, evse=0, transaction="t1"), Refusal.INVALID_PROFILE),
        (profile((0, 10), purpose=Purpose.TX, evse=1, transaction="t9"), Refusal.TX_NOT_FOUND),
        (profile((0, 10), purpose=Purpose.TX, evse=2, transaction="t1"), Refusal.TX_NOT_FOUND),
        (profile((0, 10), purpose=Purpose.TX, evse=1), Refusal.TX_NOT_FOUND),
        (profile((0, 10), kind=Kind.RECURRING), Refusal.INVALID_SCHEDULE),
        (
            profile((0, 10), kind=Kind.RECURRING, recurrency=Recurrency.DAILY, start=None),
            Refusal.INVALID_SCHEDULE,
        ),
    ],
)
def test_a_bad_profile_is_refused_with_its_reason(new, bad, refusal):
    assert new.install(bad, RUNNING) is refusal
    assert len(new) == 0


def test_a_unit_that_the_station_does_not_know_is_refused():
    only_amperes = store(units=frozenset((Unit.AMPERE,)))
    assert only_amperes.install(profile((0, 9), unit=Unit.WATT), {}) is Refusal.RATE_UNIT


def test_an_absolute_schedule_needs_a_start_in_2x_only(old, new):
    endless = profile((0, 10), start=None)
    assert old.install(endless, {}) is None
    assert new.install(endless, {}) is Refusal.INVALID_SCHEDULE


def test_the_same_id_replaces(new):
    new.install(profile((0, 10), id=5), {})
    assert new.install(profile((0, 20), id=5, level=2), {}) is None
    assert [each.stack_level for each in new] == [2]


def test_in_16_the_same_level_and_purpose_replaces_even_if_valid_only_later(old):
    old.install(profile((0, 10), id=1), {})
    assert old.install(profile((0, 20), id=2, valid_from=at(1000)), {}) is None
    assert ids(old) == [2]


def test_in_16_a_default_of_one_connector_stands_beside_that_of_all(old):
    old.install(profile((0, 10), id=1, evse=0), {})
    old.install(profile((0, 20), id=2, evse=1), {})
    assert ids(old.touching(1, None)) == [1, 2]
    assert ids(old.touching(2, None)) == [1]


def test_in_2x_a_clash_is_refused(new):
    new.install(profile((0, 10), id=1), {})
    assert new.install(profile((0, 20), id=2), {}) is Refusal.DUPLICATE  # K01.FR.06
    assert new.install(profile((0, 20), id=3, evse=1), {}) is Refusal.DUPLICATE  # K01.FR.53
    assert new.install(profile((0, 20), id=4, level=1), {}) is None


def test_in_2x_a_default_for_all_is_refused_beside_one_for_an_evse(new):
    new.install(profile((0, 10), id=1, evse=2), {})
    assert new.install(profile((0, 20), id=2, evse=0), {}) is Refusal.DUPLICATE  # K01.FR.52
    assert new.install(profile((0, 20), id=3, evse=1), {}) is None


def test_in_2x_validities_that_do_not_overlap_do_not_clash(new):
    new.install(profile((0, 10), id=1, valid_to=at(10)), {})
    assert new.install(profile((0, 20), id=2, valid_from=at(10)), {}) is None


def test_two_tx_profiles_of_one_level_clash_only_in_one_transaction(new):
    running = {1: "t1", 2: "t2"}
    tx = {"purpose": Purpose.TX}
    assert new.install(profile((0, 9), id=1, evse=1, transaction="t1", **tx), running) is None
    assert new.install(profile((0, 9), id=2, evse=2, transaction="t2", **tx), running) is None
    third = profile((0, 9), id=3, evse=1, transaction="t1", **tx)
    assert new.install(third, running) is Refusal.DUPLICATE  # K01.FR.39


def test_a_tx_profile_dies_with_its_transaction(new):
    new.install(profile((0, 9), id=1, evse=1, purpose=Purpose.TX, transaction="t1"), RUNNING)
    new.install(profile((0, 9), id=2), {})
    new.end("t1")
    assert ids(new) == [2]


def test_there_is_room_for_so_many_and_no_more():
    small = store(max_profiles=2)
    assert [small.install(profile((0, 9), id=n, level=n), {}) for n in range(3)] == [
        None,
        None,
        Refusal.TOO_MANY,
    ]
    assert small.install(profile((0, 8), id=1, level=1), {}) is None  # a replacement needs no room


@pytest.mark.parametrize(
    ("criteria", "left"),
    [
        ({}, []),
        ({"profile_id": 1}, [2, 3]),
        ({"profile_id": 1, "evse": 9}, [2, 3]),  # an id stands alone
        ({"evse": 0}, [2]),
        ({"purpose": Purpose.TX_DEFAULT}, [3]),
        ({"purpose": Purpose.TX_DEFAULT, "evse": 1}, [1, 3]),
        ({"stack_level": 4}, [1, 3]),
        ({"stack_level": 4, "evse": 0}, [1, 2, 3]),
    ],
)
def test_what_is_cleared_meets_every_criterion(old, criteria, left):
    old.install(profile((0, 9), id=1), {})
    old.install(profile((0, 9), id=2, evse=1, level=4), {})
    old.install(profile((0, 9), id=3, purpose=Purpose.STATION_MAX), {})

    assert old.clear(**criteria) == 3 - len(left)
    assert ids(old) == left


def test_a_limit_from_outside_can_neither_be_replaced_nor_cleared(new):
    new.impose(profile((0, 6), id=-1, purpose=Purpose.EXTERNAL))
    assert new.install(profile((0, 32), id=-1), {}) is Refusal.INVALID_PROFILE_ID  # K01.FR.05
    assert new.clear() == 0
    assert new.lift(-1)
    assert not new.lift(-1)
