"""Guessing passwords."""

from __future__ import annotations

from releve.web.throttle import PER_ADDRESS, PER_NAME, REMEMBERED, WINDOW_S, Throttle
from tests.support.stores import TurnedClock


def test_a_name_waits_at_one_address_and_then_no_more():
    clock = TurnedClock()
    throttle = Throttle(clock)
    for _ in range(PER_NAME):
        assert throttle.wait_s("a", "ada") == 0
        throttle.failed("a", " ADA ")
    assert throttle.wait_s("a", "ada") == WINDOW_S
    assert throttle.wait_s("b", "ada") == 0
    assert throttle.wait_s("a", "bob") == 0
    clock.turn(WINDOW_S)
    assert throttle.wait_s("a", "ada") == 0


def test_an_address_waits_whatever_the_names():
    throttle = Throttle(TurnedClock())
    for n in range(PER_ADDRESS):
        throttle.failed("a", f"name-{n}")
    assert throttle.wait_s("a", "another") > 0
    assert throttle.wait_s("b", "another") == 0


def test_success_forgets():
    throttle = Throttle(TurnedClock())
    for _ in range(PER_ADDRESS * 3):
        throttle.failed("a", "ada")
        throttle.succeeded("a", "ada")
    assert throttle.wait_s("a", "ada") == 0


def test_memory_is_bounded():
    throttle = Throttle(TurnedClock())
    for n in range(REMEMBERED):
        throttle.failed(f"address-{n}", "x")
    assert len(throttle._failures) <= REMEMBERED
