"""Row ids grow, stay positive, and do not meet those of another process."""

from releve.storage.ids import COUNTER_BITS, SystemIds


def test_ids_grow_within_a_millisecond_and_across():
    times = [5, 5, 5, 6, 4, 4, 9]
    ids = SystemIds(lambda: times.pop(0))
    made = [ids.next() for _ in range(7)]
    assert made == sorted(set(made))
    assert made[0] >> COUNTER_BITS == 5
    assert made[6] >> COUNTER_BITS == 9


def test_a_clock_that_goes_back_does_not_take_ids_back():
    now = [1_000]
    ids = SystemIds(lambda: now[0])
    first = ids.next()
    now[0] = 10
    assert ids.next() == first + 1


def test_ids_fit_63_bits_for_decades():
    assert 0 < SystemIds(lambda: 4_000_000_000_000).next() < 1 << 63  # the year 2096
    assert 0 < SystemIds().next() < 1 << 63


def test_a_million_ids_of_two_processes_do_not_meet_in_different_milliseconds():
    one, two = SystemIds(), SystemIds()
    made = [ids.next() for _ in range(10_000) for ids in (one, two)]
    assert len(set(made)) == len(made)


def test_numbers_are_positive_and_fit_31_bits():
    ids = SystemIds()
    assert all(0 < ids.number() < 1 << 31 for _ in range(1_000))


def test_secrets_have_their_length_and_differ():
    ids = SystemIds()
    made = {ids.secret(20) for _ in range(100)}
    assert len(made) == 100
    assert all(len(secret) == 20 and secret.isalnum() for secret in made)
