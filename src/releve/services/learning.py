"""What the answers to commands tell of a station's variables."""

from __future__ import annotations

from datetime import datetime

import msgspec

from releve.domain.commands import Command, Outcome, SetVariables, VariableName, VariableResult
from releve.domain.station import Station
from releve.domain.variables import Variable
from releve.services.ports import Work

SECRET_VARIABLES = frozenset(
    {
        "AuthorizationKey",
        "BasicAuthPassword",
        "VpnPassword",
        "VpnKey",
        "ApnPassword",
        "SimPin",
        "SharedSecret",
    }
)
"""Their values are never kept, whatever a station tells of them."""
TAKEN = ("Accepted", "RebootRequired")


async def learn(
    work: Work, station: Station, command: Command | None, outcome: Outcome, at: datetime
) -> None:
    """Keep values that were read, and those written and accepted; what else is known of the variables stays."""
    results = _told(command, outcome)
    if not results:
        return
    known = {v.name: v for v in await work.variables.get(station.id, [r.name for r in results])}
    work.variables.save(
        station.id, [_learnt(known.get(r.name), r, command, at) for r in results if _open(r, known)]
    )


def _told(command: Command | None, outcome: Outcome) -> list[VariableResult]:
    results = outcome.variables
    if isinstance(command, SetVariables):
        wanted = dict(command.values)
        results = tuple(
            msgspec.structs.replace(r, value=wanted.get(r.name))
            for r in results
            if r.status in TAKEN
        )
    return [r for r in results if r.value is not None]


def _open(result: VariableResult, known: dict[VariableName, Variable]) -> bool:
    """No secret: those have names of their own, or the station says that they can only be written."""
    before = known.get(result.name)
    if result.name.variable in SECRET_VARIABLES:
        return False
    return before is None or before.mutability != "WriteOnly"


def _learnt(
    before: Variable | None, result: VariableResult, command: Command | None, at: datetime
) -> Variable:
    before = before or Variable(name=result.name, reported_at=at)
    written = isinstance(command, SetVariables)
    mutability = before.mutability
    if result.read_only is not None:
        mutability = "ReadOnly" if result.read_only else "ReadWrite"
    return msgspec.structs.replace(
        before,
        value=result.value,
        mutability=mutability,
        data_type=before.data_type or result.data_type,
        unit=before.unit or result.unit,
        values_list=before.values_list or result.values_list,
        reboot_required=result.status == "RebootRequired" if written else before.reboot_required,
        reported_at=at,
    )
