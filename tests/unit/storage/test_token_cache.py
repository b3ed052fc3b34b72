"""When a change reaches the cache."""

from releve.storage.token_cache import MAX_AGE_ABSENT_S, MAX_AGE_S, TokenCache
from tests.support.stores import ONE, TWO, TurnedClock, token

CARD = token("A")


def made(**options):
    clock = TurnedClock()
    return clock, TokenCache(clock.monotonic, **options)


def test_what_is_known_and_what_is_known_not_to_be():
    _, cache = made()
    assert cache.get(ONE, "a") is None
    cache.put(ONE, "a", (CARD,), cache.generation)
    cache.put(ONE, "b", (), cache.generation)
    assert cache.get(ONE, "a") == (CARD,)
    assert cache.get(ONE, "b") == ()
    assert cache.get(TWO, "a") is None


def test_entries_age_and_absence_ages_sooner():
    clock, cache = made()
    cache.put(ONE, "a", (CARD,), cache.generation)
    cache.put(ONE, "b", (), cache.generation)
    clock.turn(MAX_AGE_ABSENT_S + 1)
    assert cache.get(ONE, "a") == (CARD,)
    assert cache.get(ONE, "b") is None
    clock.turn(MAX_AGE_S)
    assert cache.get(ONE, "a") is None


def test_a_change_drops_the_old_value_and_the_new():
    _, cache = made()
    cache.put(ONE, "a", (CARD,), cache.generation)
    cache.put(ONE, "b", (), cache.generation)
    cache.drop(ONE, "b", CARD.id)
    assert cache.get(ONE, "a") is None
    assert cache.get(ONE, "b") is None


def test_what_was_read_before_a_change_is_not_put_after_it():
    _, cache = made()
    before = cache.generation
    cache.drop(ONE, "a", CARD.id)
    cache.put(ONE, "a", (CARD,), before)
    assert cache.get(ONE, "a") is None


def test_the_least_recently_used_go_first():
    _, cache = made(limit=2)
    for key in "ab":
        cache.put(ONE, key, (), cache.generation)
    cache.get(ONE, "a")
    cache.put(ONE, "c", (), cache.generation)
    assert [cache.get(ONE, key) for key in "abc"] == [(), None, ()]
