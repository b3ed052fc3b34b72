"""B07, B08: the device model of each station, as it reports it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.events import StationReported
from releve.domain.ids import OperatorId, StationId
from releve.domain.operation import Operation, OperationPart
from releve.domain.provisioning import Criterion, GetBaseReport, GetReport, ReportBase
from releve.domain.variables import Variable
from releve.services.commands import Commands
from releve.services.limits import Limits
from releve.services.live import Inbound
from releve.services.operations import Operations
from releve.services.ports import Store, Work
from releve.services.variable_calls import batches

BASE = "base-report"
CUSTOM = "custom-report"
PATIENCE = timedelta(minutes=30)
"""A large station tells its model in hundreds of parts, over a slow modem."""
EMPTY = "EmptyResultSet"


class DeviceModel:
    def __init__(
        self, store: Store, operations: Operations, commands: Commands, limits: Limits
    ) -> None:
        self._store = store
        self._operations = operations
        self._commands = commands
        self._limits = limits
        operations.when_done(BASE, self._told_all)

    async def reported(
        self,
        inbound: Inbound,
        variables: Sequence[Variable],
        *,
        request_id: int,
        seq_no: int,
        tbc: bool,
    ) -> None:
        """Keep a part of a report (B07.FR.08 ff.), whoever asked for it and in whatever order the parts come."""
        station = inbound.station
        async with self._store.work(station.operator) as work:
            work.variables.save(station.id, variables)
            work.announce(
                StationReported(
                    operator=station.operator,
                    station=station.id,
                    identity=station.identity,
                    at=inbound.at,
                    what="NotifyReport",
                    detail={
                        "requestId": request_id,
                        "seqNo": seq_no,
                        "tbc": tbc,
                        "variables": len(variables),
                    },
                )
            )
        content: dict[str, Any] = msgspec.json.decode(inbound.raw)
        for kind in (BASE, CUSTOM):
            if await self._operations.part(inbound, kind, request_id, seq_no, tbc, content):
                return

    async def base_report(
        self,
        operator: OperatorId,
        station: StationId,
        base: ReportBase = ReportBase.FULL,
        *,
        by: str = "",
        arguments: Mapping[str, Any] | None = None,
        timeout: float | None = None,
    ) -> Operation:
        """Have a station report its model (B07). Once all of a FullInventory is there, what is not in it is gone."""
        return await self._operations.begin(
            operator,
            station,
            BASE,
            lambda request_id: GetBaseReport(request_id=request_id, base=base),
            by=by,
            patience=PATIENCE,
            arguments={"base": str(base), **(arguments or {})},
            timeout=timeout,
        )

    async def custom_report(
        self,
        operator: OperatorId,
        station: StationId,
        criteria: Sequence[Criterion],
        names: Sequence[Any],
        *,
        by: str = "",
        timeout: float | None = None,
    ) -> list[Operation]:
        """Have a station report a part of its model (B08); one operation for each message that it takes."""
        found = await self._commands.station(operator, station)
        most = await self._limits.of(found, "ItemsPerMessageGetReport")  # B08.FR.06
        operations = []
        for batch in batches(tuple(names), most, key=lambda name: name):
            operations.append(
                await self._operations.begin(
                    operator,
                    station,
                    CUSTOM,
                    lambda request_id, batch=batch: GetReport(  # type: ignore[misc]
                        request_id=request_id, criteria=tuple(criteria), names=tuple(batch)
                    ),
                    by=by,
                    patience=PATIENCE,
                    arguments={
                        "criteria": [str(each) for each in criteria],
                        "names": [msgspec.to_builtins(name) for name in batch],
                    },
                    timeout=timeout,
                )
            )
        return operations

    async def _told_all(
        self, work: Work, operation: Operation, parts: Sequence[OperationPart]
    ) -> None:
        """Forget what the station does not have any more: a full inventory has all that it has."""
        if operation.arguments.get("base") != ReportBase.FULL or operation.status == EMPTY:
            return
        known = await work.variables.all(operation.station)
        gone = [v.name for v in known if v.reported_at < operation.created_at]
        if len(gone) < len(known):
            work.variables.remove(operation.station, gone)
