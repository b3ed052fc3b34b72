"""What goes onto a station's list, and in how many messages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from releve.domain.ids import DEFAULT_OPERATOR, TokenId
from releve.domain.local_list import (
    LARGEST_VERSION,
    ListLimits,
    UpdateKind,
    applied,
    changes,
    in_messages,
    next_version,
    wanted_entries,
)
from releve.domain.token import IdToken, Place, Token, Verdict

NOW = datetime(2026, 3, 1, tzinfo=UTC)
HERE = Place("CS-1", "Harbour")


def token(value: str, **about: Any) -> Token:
    return Token(id=TokenId(1), operator=DEFAULT_OPERATOR, value=value, created_at=NOW, **about)


def test_refused_tokens_are_on_it_with_their_verdict() -> None:
    made = wanted_entries([token("A"), token("B", blocked=True)], HERE, NOW)
    verdicts = [e.judgement.verdict for e in made.values() if e.judgement is not None]
    assert verdicts == [Verdict.ACCEPTED, Verdict.BLOCKED]


def test_prepaid_tokens_and_payments_stay_off() -> None:
    off = [
        token("A", credit=Decimal(5)),
        token("B", type="DirectPayment"),
        token("", type="NoAuthorization"),
    ]
    assert wanted_entries(off, HERE, NOW) == {}


def test_two_types_of_one_value_are_two_entries() -> None:
    made = wanted_entries([token("A"), token("a", type="eMAID")], HERE, NOW)
    assert len(made) == 2  # D01.FR.06


def test_a_cache_that_ends_changes_no_list() -> None:
    one = token("A", cache_s=60)
    before = wanted_entries([one], HERE, NOW)
    after = wanted_entries([one], HERE, NOW + timedelta(hours=1))
    marks = applied({}, UpdateKind.FULL, before.values())
    assert changes(marks, after) == ()


def test_changes_are_additions_updates_and_removals_in_the_words_of_the_station() -> None:
    before = wanted_entries([token("Keep"), token("Change"), token("Go", type="eMAID")], HERE, NOW)
    marks = applied({}, UpdateKind.FULL, before.values())
    after = wanted_entries([token("Keep"), token("Change", blocked=True), token("New")], HERE, NOW)
    todo = changes(marks, after)
    gone = [e.token for e in todo if e.judgement is None]
    assert gone == [IdToken("Go", "eMAID")]
    assert [e.token.value for e in todo if e.judgement is not None] == ["Change", "New"]
    assert changes(applied(marks, UpdateKind.DIFFERENTIAL, todo), after) == ()


@pytest.mark.parametrize(
    ("limits", "lengths"),
    [
        (ListLimits(), [5]),
        (ListLimits(items=2), [2, 2, 1]),
        (ListLimits(bytes=1500), [2, 2, 1]),
        (ListLimits(items=10, bytes=100), [1, 1, 1, 1, 1]),
    ],
)
def test_messages_are_as_short_as_the_station_asks(limits: ListLimits, lengths: list[int]) -> None:
    entries = tuple(wanted_entries([token(f"T{n}") for n in range(5)], HERE, NOW).values())
    messages = in_messages(entries, limits)
    assert [len(m) for m in messages] == lengths
    assert sum(messages, ()) == entries
    assert in_messages((), limits) == [()], "an empty list is a message, too"


@pytest.mark.parametrize(
    ("known", "following"),
    [((0,), 1), ((-1, 0), 1), ((7, 3), 8), ((LARGEST_VERSION,), 1)],
)
def test_a_version_is_never_zero_or_less(known: tuple[int, ...], following: int) -> None:
    assert next_version(*known) == following
