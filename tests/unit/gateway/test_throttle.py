"""Guessing is slow; nobody real is locked out."""

from __future__ import annotations

from releve.gateway.throttle import Rate, Throttle

HOME, SITE, THIEF = "192.0.2.1", "198.51.100.7", "203.0.113.9"


def guess(
    throttle: Throttle, identity: str, address: str, seconds: float, *, every: float = 1
) -> int:
    """How many guesses a greedy attacker gets in."""
    tries, now = 0, 0.0
    while now < seconds:
        if throttle.may_try(identity, address, now) == 0:
            throttle.failed(identity, address, now)
            tries += 1
        now += every
    return tries


def test_one_address_guessing_one_password_is_slowed_to_the_rate():
    assert guess(Throttle(), "ST-1", THIEF, 3600) <= 5 + 3600 / 30 + 1


def test_the_wait_told_is_the_wait_needed():
    throttle = Throttle()
    for _ in range(5):
        assert throttle.may_try("ST-1", THIEF, 0) == 0
        throttle.failed("ST-1", THIEF, 0)
    wait = throttle.may_try("ST-1", THIEF, 0)

    assert wait == 30
    assert throttle.may_try("ST-1", THIEF, wait - 1) > 0
    assert throttle.may_try("ST-1", THIEF, wait) == 0


def test_an_address_without_a_failure_always_gets_its_try():
    throttle = Throttle()
    for i in range(5000):
        throttle.failed("ST-1", f"203.0.113.{i % 256}", i / 100)

    assert throttle.may_try("ST-1", HOME, 50) == 0


def test_a_station_at_home_is_not_disturbed_by_guesses_from_its_own_address():
    throttle = Throttle()
    throttle.succeeded("ST-1", HOME, 0)
    for i in range(1000):
        throttle.failed(f"X{i}", HOME, 1)
    for i in range(1000):
        throttle.failed("ST-1", f"203.0.113.{i % 256}", 1)

    assert throttle.may_try("ST-1", HOME, 1) == 0
    assert throttle.may_try("ST-2", HOME, 1) > 0


def test_a_neighbour_with_a_wrong_password_waits_alone():
    throttle = Throttle()
    now = 0.0
    for _ in range(1000):
        if throttle.may_try("WRONG", SITE, now) == 0:
            throttle.failed("WRONG", SITE, now)
        assert throttle.may_try("RIGHT", SITE, now) == 0
        now += 10


def test_one_address_trying_many_identities_is_slowed():
    throttle, tries = Throttle(), 0
    for i in range(600):
        now = float(i)
        if throttle.may_try(f"ST-{i}", THIEF, now) == 0:
            throttle.failed(f"ST-{i}", THIEF, now)
            tries += 1

    assert tries <= 50 + 600 / 2 + 1


def test_one_identity_guessed_from_many_addresses_is_slowed_where_they_failed_before():
    throttle = Throttle()
    addresses = [f"203.0.113.{i}" for i in range(100)]
    for address in addresses:
        throttle.failed("ST-1", address, 0)
    assert all(throttle.may_try("ST-1", address, 0) > 0 for address in addresses)
    assert all(throttle.may_try("ST-2", address, 0) == 0 for address in addresses)


def test_guesses_made_in_parallel_are_paid_for_afterwards():
    throttle = Throttle()
    for _ in range(50):  # all allowed before the first one failed
        throttle.failed("ST-1", THIEF, 0)

    assert throttle.may_try("ST-1", THIEF, 0) == 30 * (50 - 5 + 1)


def test_the_debt_is_bounded():
    throttle = Throttle(pair=Rate(burst=5, every_s=30), address=Rate(5, 1), identity=Rate(5, 1))
    for _ in range(100_000):
        throttle.failed("ST-1", THIEF, 0)
    assert throttle.may_try("ST-1", THIEF, 0) == 30 * 101


def test_success_forgives_the_station_but_not_the_address():
    throttle = Throttle()
    for _ in range(5):
        throttle.failed("ST-1", THIEF, 0)
    throttle.succeeded("ST-1", THIEF, 0)
    assert throttle.may_try("ST-1", THIEF, 0) == 0
    for i in range(45):
        throttle.failed(f"X{i}", THIEF, 0)
    throttle.succeeded("ST-1", THIEF, 0)
    assert throttle.may_try("ST-2", THIEF, 0) > 0


def test_an_ipv6_network_is_one_address():
    throttle = Throttle()
    for i in range(5):
        throttle.failed("ST-1", f"2001:db8:1:2::{i}", 0)
    assert throttle.may_try("ST-1", "2001:db8:1:2:ffff::1", 0) > 0
    assert throttle.may_try("ST-1", "2001:db8:1:3::1", 0) == 0


def test_ipv4_is_the_same_through_a_dual_stack_socket():
    throttle = Throttle()
    for _ in range(5):
        throttle.failed("ST-1", f"::ffff:{THIEF}", 0)
    assert throttle.may_try("ST-1", THIEF, 0) > 0
    assert throttle.may_try("ST-1", "not an address", 0) == 0


def test_memory_is_bounded_and_the_oldest_forgotten():
    throttle = Throttle(limit=100)
    for i in range(1000):
        throttle.failed(f"ST-{i}", f"10.0.{i // 256}.{i % 256}", 0)
        throttle.succeeded(f"ST-{i}", f"10.0.{i // 256}.{i % 256}", 0)

    assert throttle.size() <= 400


def test_a_clock_that_goes_back_gives_nothing_away():
    throttle = Throttle()
    for _ in range(5):
        throttle.failed("ST-1", THIEF, 1000)
    assert throttle.may_try("ST-1", THIEF, 0) == 30
