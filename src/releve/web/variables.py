"""A station's variables as the page of its configuration groups and shows them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from releve.services.views import VariableView


def groups(variables: Sequence[VariableView]) -> list[list[VariableView]]:
    """Those of one component and EVSE together."""
    ordered = sorted(variables, key=_shown)
    return [list(group) for _, group in groupby(ordered, key=_place)]


def plain(number: float) -> str:
    """A number as an input of the browser takes it."""
    return str(int(number)) if number == int(number) else repr(number)


def _place(one: VariableView) -> tuple[str, str, int, int]:
    evse = -1 if one.evse is None else one.evse
    connector = -1 if one.connector is None else one.connector
    return one.component, one.component_instance, evse, connector


def _shown(one: VariableView) -> tuple[object, ...]:
    return (*_place(one), one.variable, one.instance, one.attribute)
