"""Variables and their values as lines of text.

`Component (instance) @1.2 / Variable (instance) = value`, or `Key = value`. @1.2 is EVSE 1,
connector 2. A line without a component names a configuration key of OCPP 1.6.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from releve.domain.commands import VariableName
from releve.services.errors import Invalid

MOST = 200
LONGEST_VALUE = 2500
"""2.x SetVariableDataType.attributeValue."""
_NAME = r"[^\s()=/@][^()=/@]{0,49}?"
_COMPONENT = re.compile(
    rf"(?P<component>{_NAME})\s*(\((?P<instance>[^()]{{1,50}})\))?\s*(@(?P<evse>\d{{1,6}})(\.(?P<connector>\d{{1,6}}))?)?"
)
_VARIABLE = re.compile(rf"(?P<variable>{_NAME})\s*(\((?P<instance>[^()]{{1,50}})\))?")


def read_lines(text: str, field: str) -> list[tuple[VariableName, str]]:
    """The variables to write, in their order; Invalid names the line that cannot be read. Empty lines do not count."""
    found: dict[VariableName, str] = {}
    for number, line in enumerate(text.splitlines(), 1):
        if not line.strip():
            continue
        name, value = _read(line, number, field)
        if name in found:
            raise Invalid(f"Line {number}: this variable stands above already.", field=field)
        found[name] = value
    if len(found) > MOST:
        raise Invalid(f"At most {MOST} variables are taken.", field=field)
    return list(found.items())


def _read(line: str, number: int, field: str) -> tuple[VariableName, str]:
    place, equals, value = line.partition("=")
    component, slash, variable = place.strip().rpartition("/")
    named = _VARIABLE.fullmatch(variable.strip())
    at = _COMPONENT.fullmatch(component.strip()) if slash else None
    if not equals or named is None or (slash and at is None):
        raise Invalid(f"Line {number}: write it as Component / Variable = value.", field=field)
    if len(value.strip()) > LONGEST_VALUE:
        raise Invalid(
            f"Line {number}: a value has at most {LONGEST_VALUE} characters.", field=field
        )
    name = VariableName(
        component=at["component"].strip() if at else "",
        component_instance=(at["instance"] or "").strip() if at else "",
        evse=int(at["evse"]) if at and at["evse"] else None,
        connector=int(at["connector"]) if at and at["connector"] else None,
        variable=named["variable"].strip(),
        instance=(named["instance"] or "").strip(),
    )
    return name, value.strip()


def write_lines(values: Iterable[tuple[VariableName, str]]) -> str:
    """The same variables as text."""
    return "\n".join(f"{label(name)} = {value}" for name, value in values)


def label(name: VariableName) -> str:
    """A variable as a line names it."""
    variable = name.variable + (f" ({name.instance})" if name.instance else "")
    if not name.component:
        return variable
    place = name.component + (f" ({name.component_instance})" if name.component_instance else "")
    if name.evse is not None:
        place += f" @{name.evse}" + (f".{name.connector}" if name.connector is not None else "")
    return f"{place} / {variable}"
