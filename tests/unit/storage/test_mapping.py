"""Values to rows and back, for every kind of field that the domain has."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.domain.ids import OperatorId, StationId
from releve.storage.mapping import Mapper, clean, finite


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class Thing(msgspec.Struct, frozen=True, kw_only=True):
    id: int
    operator: OperatorId
    station: StationId | None = None
    name: str = ""
    note: str | None = None
    colour: Colour | None = None
    on: bool = False
    at: datetime | None = None
    wh: float | None = None
    evse: int | None = None
    detail: dict[str, Any] = {}
    scopes: tuple[str, ...] = ()


THING = Mapper(Thing, absent={"evse": -1})
texts = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))
things = st.builds(
    Thing,
    id=st.integers(),
    operator=st.integers(),
    station=st.none() | st.integers(),
    name=texts,
    note=st.none() | texts,
    colour=st.none() | st.sampled_from(Colour),
    on=st.booleans(),
    at=st.none() | st.datetimes(timezones=st.just(UTC)),
    wh=st.none() | st.floats(allow_nan=False, allow_infinity=False),
    evse=st.none() | st.integers(min_value=0),
    detail=st.dictionaries(texts, st.none() | texts | st.booleans()),
    scopes=st.lists(texts).map(tuple),
)


def test_fields_that_name_rows_have_their_columns():
    assert THING.columns[:4] == ("id", "operator_id", "station_id", "name")


@given(things)
def test_every_value_comes_back(thing):
    assert THING.decode(THING.encode(thing)) == thing


@given(things)
def test_rows_have_only_what_databases_know(thing):
    assert {type(cell) for cell in THING.encode(thing)} <= {
        int,
        str,
        Colour,
        bool,
        float,
        type(None),
    }


def test_absent_in_a_key_is_a_value():
    thing = Thing(id=1, operator=OperatorId(1))
    assert THING.encode(thing)[THING.columns.index("evse")] == -1


def test_numbers_of_sqlite_become_truth_values():
    row = list(THING.encode(Thing(id=1, operator=OperatorId(1), on=True)))
    row[THING.columns.index("on")] = 1
    assert THING.decode(row).on is True


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_what_is_no_measurement_is_none(number):
    assert finite(number) is None
    assert THING.decode(THING.encode(Thing(id=1, operator=OperatorId(1), wh=number))).wh is None


def test_nul_is_shown_as_unreadable():
    assert clean("a\x00b") == "a\ufffdb"
    assert clean("ab") == "ab"
