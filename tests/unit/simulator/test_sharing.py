"""The station's limit, divided among those who charge."""

import pytest

from releve.simulator.profiles.sharing import share


@pytest.mark.parametrize(
    ("limit_a", "wishes_a", "expected"),
    [
        (100, [16, 16], [16, 16]),
        (20, [16, 16], [10, 10]),
        (40, [8, 32], [8, 32]),
        (30, [8, 32, 32], [8, 11, 11]),
        (11, [16, 16], [11, 0]),  # two times 5.5 A would charge nobody
        (5, [16, 16], [0, 0]),
        (0, [16], [0]),
        (32, [0, 16, 0, 16], [0, 16, 0, 16]),
        (-1, [16], [0]),
    ],
)
def test_the_least_served_gets_as_much_as_possible(limit_a, wishes_a, expected):
    assert share(limit_a, wishes_a) == pytest.approx(expected)
