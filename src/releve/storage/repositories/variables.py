"""What stations reported of their device models."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select, tuple_

from releve.domain.commands import VariableName
from releve.domain.ids import StationId
from releve.services.ports import Variable
from releve.storage.mapping import Mapper, clean
from releve.storage.queries import Query, value
from releve.storage.repositories.base import Repository
from releve.storage.tables import NONE, variables
from releve.storage.times import micros
from releve.storage.writes import delete, merge, update

NAME = Mapper(VariableName, absent={"evse": NONE, "connector": NONE})
VARIABLE = Mapper(Variable, leave=("name",))
COLUMNS = (*NAME.columns, *VARIABLE.columns)
_KEY = ("station_id", *NAME.columns)
SAVE = merge(variables, ("operator_id", "station_id", *COLUMNS), _KEY)
TELL = merge(variables, ("operator_id", "station_id", *NAME.columns, "value", "reported_at"), _KEY)

REMOVE = delete(variables, ("station_id", "operator_id", *NAME.columns))
REBOOTED = update(
    variables, ("station_id", "operator_id"), ("reboot_required",), only='t."reboot_required"'
)

v = variables.c
_OF_ANY = select(*(v[name] for name in COLUMNS))
ALL = Query(
    _OF_ANY.where(v.operator_id == value("operator"), v.station_id == value("station")).order_by(
        *(v[name] for name in NAME.columns)
    )
)
_AT_ONCE = 50


class StoredVariables(Repository):
    """Implements `services.ports.Variables`."""

    __slots__ = ()

    async def all(self, station: StationId) -> list[Variable]:
        """Every variable that the station has reported, by name."""
        return [_decode(row) for row in await self._rows(ALL, station=station)]

    async def get(self, station: StationId, names: Sequence[VariableName]) -> list[Variable]:
        """Those of the names that are known, in the order of the names."""
        found: dict[VariableName, Variable] = {}
        for begin in range(0, len(names), _AT_ONCE):
            wanted = [NAME.encode(name) for name in names[begin : begin + _AT_ONCE]]
            query = _OF_ANY.where(
                v.operator_id == self._operator,
                v.station_id == station,
                tuple_(*(v[name] for name in NAME.columns)).in_(wanted),
            )
            for row in await self._shared.backend.select(query):
                variable = _decode(row)
                found[variable.name] = variable
        return [found[name] for name in names if name in found]

    def save(self, station: StationId, variables: Sequence[Variable]) -> None:
        """Add or replace, by name."""
        for variable in variables:
            name = NAME.encode(variable.name)
            row = (self._operator, station, *name, *VARIABLE.encode(variable))
            self._unit.write(SAVE, row, (station, name))

    def remove(self, station: StationId, names: Sequence[VariableName]) -> None:
        """Forget variables that the station does not have any more."""
        for name in names:
            encoded = NAME.encode(name)
            self._unit.write(REMOVE, (station, self._operator, *encoded), (station, encoded))

    def rebooted(self, station: StationId) -> None:
        """What waited for the station's restart counts from now on."""
        self._unit.write(REBOOTED, (station, self._operator, False), (station, "rebooted"))

    def tell(self, station: StationId, name: VariableName, value: str, at: datetime) -> None:
        """Note a value; what else is known of the variable stays."""
        key = NAME.encode(name)
        row = (self._operator, station, *key, clean(value), micros(at))
        self._unit.write(TELL, row, (station, key))


def _decode(row: tuple[object, ...]) -> Variable:
    split = len(NAME.columns)
    return VARIABLE.decode(row[split:], name=NAME.decode(row[:split]))
