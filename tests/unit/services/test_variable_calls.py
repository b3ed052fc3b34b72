"""Variables in as many messages as are needed, and the answers put together."""

from __future__ import annotations

import pytest

from releve.domain.commands import Outcome, Result, VariableName, VariableResult
from releve.services.variable_calls import NOT_SENT, batches, together


@pytest.mark.parametrize(
    ("items", "most", "found"),
    [
        ("abc", None, ["abc"]),
        ("abcde", 2, ["ab", "cd", "e"]),
        ("abab", 3, ["ab", "ab"]),
        ("aAb", 9, ["a", "Ab"]),
        ("", 3, [""]),
    ],
)
def test_batches_keep_the_order_the_limit_and_one_of_each(items, most, found):
    made = batches(items, most, key=str.casefold)
    assert ["".join(batch) for batch in made] == found


def names(*variables: str) -> list[VariableName]:
    return [VariableName(component="C", variable=v) for v in variables]


def answered(status: str, *variables: str, accepted: bool = True) -> Outcome:
    results = tuple(VariableResult(name=name, status=status) for name in names(*variables))
    return Outcome(
        result=Result.ANSWERED,
        status=status,
        accepted=accepted,
        variables=results,
        payload={"of": variables},
        duration_ms=1.5,
    )


def test_answers_become_one():
    whole = together([answered("Accepted", "A", "B"), answered("Accepted", "C")], names(*"ABC"))
    assert (whole.accepted, whole.status, whole.duration_ms) == (True, "Accepted", 3.0)
    assert [r.name.variable for r in whole.variables] == ["A", "B", "C"]
    mixed = together(
        [answered("Accepted", "A"), answered("Rejected", "B", accepted=False)], names(*"AB")
    )
    assert (mixed.accepted, mixed.status) == (False, None)
    assert len(mixed.payload) == 2


def test_what_comes_after_a_failure_was_not_sent():
    failed = Outcome(result=Result.TIMEOUT, description="no answer")
    whole = together([answered("Accepted", "A"), failed], names("a", "B", "C"))
    assert (whole.result, whole.accepted) == (Result.TIMEOUT, False)
    told = [(r.name.variable, r.status) for r in whole.variables]
    assert told == [("A", "Accepted"), ("B", NOT_SENT), ("C", NOT_SENT)]
