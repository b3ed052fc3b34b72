"""Transaction messages in order, repeated at growing intervals, and given up in the end."""

import random

import pytest

from releve.ocpp.messages.v16 import HeartbeatRequest
from releve.simulator import Behaviour
from releve.simulator.backoff import BackOff
from releve.simulator.outbox import Entry, Outbox


def entry(action="MeterValues", **options):
    return Entry(
        action, None, lambda _offline: HeartbeatRequest(), lambda _response: None, **options
    )


def test_the_example_of_the_specification():
    """1.6, 3.7.1: three attempts, 60 s; again after 60, then after 120 more, then given up."""
    outbox = Outbox()
    outbox.put(entry("StopTransaction"))
    outbox.put(entry("StartTransaction"))
    now = 1000.0

    assert not outbox.failed(now, attempts=3, interval_s=60)
    assert outbox.head(now + 59.9) is None
    assert outbox.head(now + 60).action == "StopTransaction"
    assert not outbox.failed(now + 60, attempts=3, interval_s=60)
    assert outbox.head(now + 179) is None
    assert outbox.head(now + 180).action == "StopTransaction"
    assert outbox.failed(now + 180, attempts=3, interval_s=60)
    assert outbox.head(now + 180).action == "StartTransaction"
    assert outbox.discarded == 1


def test_nothing_overtakes_what_waits():
    outbox = Outbox()
    outbox.put(entry("first"))
    outbox.failed(0, attempts=3, interval_s=60)
    outbox.put(entry("second"))
    assert outbox.head(1) is None


def test_going_offline_marks_what_has_not_been_delivered():
    outbox = Outbox()
    outbox.put(entry())
    outbox.failed(0, attempts=3, interval_s=60)
    outbox.went_offline()
    outbox.came_back()
    assert outbox.head(0).offline


def test_giving_up_tells_who_asked():
    gone = []
    outbox = Outbox()
    outbox.put(entry(on_discard=lambda: gone.append(1)))
    outbox.failed(0, attempts=1, interval_s=1)
    assert gone == [1]


def test_short_of_memory_every_second_sample_goes_and_nothing_else():
    outbox = Outbox(capacity=9)
    outbox.put(entry("begin"))
    for number in range(8):
        outbox.put(entry(f"sample {number}", may_be_thinned=True))
    outbox.put(entry("end"))

    kept = []
    while outbox.head(0):
        kept.append(outbox.head(0).action)
        outbox.delivered()
    assert kept == ["begin", "sample 1", "sample 3", "sample 5", "sample 7", "end"]


def test_waits_between_connections_double_and_have_a_random_part():
    settings = Behaviour(back_off_minimum_s=10, back_off_random_s=5, back_off_repeats=2)
    back_off = BackOff(settings, random.Random(1))
    waits = [back_off.next_wait_s() for _ in range(5)]

    for wait, least in zip(waits, [10, 20, 40, 40, 40], strict=True):
        assert least <= wait <= least + 5
    assert len({wait % 10 for wait in waits}) == 5
    back_off.reset()
    assert back_off.next_wait_s() <= 15


@pytest.mark.parametrize("seed", [1, 2])
def test_the_random_part_comes_from_the_seed(seed):
    def waits():
        back_off = BackOff(Behaviour(), random.Random(seed))
        return [back_off.next_wait_s() for _ in range(4)]

    assert waits() == waits()
