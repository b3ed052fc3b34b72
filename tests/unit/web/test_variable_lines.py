"""Variables as lines of text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from releve.domain.commands import VariableName
from releve.services.errors import Invalid
from releve.web.variable_lines import read_lines, write_lines

WORDS = st.from_regex(r"[A-Za-z][A-Za-z0-9_-]{0,20}", fullmatch=True)
NUMBERS = st.integers(min_value=0, max_value=99)


@st.composite
def names(draw) -> VariableName:
    component = draw(st.one_of(st.just(""), WORDS))
    evse = draw(st.none() | NUMBERS) if component else None
    return VariableName(
        component=component,
        component_instance=draw(st.just("") | WORDS) if component else "",
        evse=evse,
        connector=draw(st.none() | NUMBERS) if evse is not None else None,
        variable=draw(WORDS),
        instance=draw(st.just("") | WORDS),
    )


VALUES = st.text(st.characters(codec="ascii", exclude_categories=["C"]), max_size=30).map(str.strip)


@given(st.lists(st.tuples(names(), VALUES), unique_by=lambda one: one[0], max_size=8))
def test_what_is_written_is_read_again(values):
    assert read_lines(write_lines(values), "values") == values


@pytest.mark.parametrize(
    ("line", "name", "value"),
    [
        ("HeartbeatInterval = 60", VariableName(variable="HeartbeatInterval"), "60"),
        (
            "DeviceDataCtrlr/ItemsPerMessage(GetReport)=4",
            VariableName(
                component="DeviceDataCtrlr", variable="ItemsPerMessage", instance="GetReport"
            ),
            "4",
        ),
        (
            "  Connector (left) @1.2 / Available = a = b ",
            VariableName(
                component="Connector",
                component_instance="left",
                evse=1,
                connector=2,
                variable="Available",
            ),
            "a = b",
        ),
        ("Key =", VariableName(variable="Key"), ""),
    ],
)
def test_a_line_is_read(line, name, value):
    assert read_lines(f"\n{line}\n\n", "values") == [(name, value)]


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("A = 1\nnonsense", "Line 2: write it as"),
        ("/ A = 1", "Line 1: write it as"),
        ("A / = 1", "Line 1: write it as"),
        ("A @x / B = 1", "Line 1: write it as"),
        ("A / B / C = 1", "Line 1: write it as"),
        ("= 1", "Line 1: write it as"),
        ("A = 1\nA = 2", "Line 2: this variable stands above already."),
        (f"A = {'x' * 2501}", "Line 1: a value has at most 2500 characters."),
        ("\n".join(f"A{n} = 1" for n in range(201)), "At most 200 variables are taken."),
    ],
)
def test_a_line_that_cannot_be_read_is_named(text, problem):
    with pytest.raises(Invalid) as refused:
        read_lines(text, "values")
    assert refused.value.message.startswith(problem)
    assert refused.value.field == "values"
