"""Files, passes, events and streams of an operator, and how each method of their ports is asked for another's."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec

from releve.domain.file import FileId, FileKind, Pass, PassId, StoredFile
from releve.domain.ids import OperationId, OperatorId, StationId
from releve.domain.monitoring import EventId, StationEvent, StreamValue
from releve.services.views import EventFilter, FileFilter
from tests.support.stores import NOW, ONE

LATER = NOW + timedelta(hours=1)


class TheirUpkeep:
    """One of each."""

    def __init__(self, operator: OperatorId, station: StationId) -> None:
        self.file = StoredFile(
            id=FileId(81),
            operator=operator,
            station=station,
            kind=FileKind.LOG,
            name="log.txt",
            size=3,
            sha256="0" * 32,
            md5="0" * 32,
            place="0" * 32,
            operation=OperationId(77),
            created_at=NOW,
        )
        self.leave = Pass(
            id=PassId(82),
            operator=operator,
            station=station,
            digest="0" * 32,
            kind=FileKind.LOG,
            operation=OperationId(77),
            created_at=NOW,
            expires_at=LATER,
        )
        self.event = StationEvent(
            id=EventId(83),
            operator=operator,
            station=station,
            event=1,
            at=NOW,
            received_at=NOW,
            trigger="Delta",
            notification="CustomMonitor",
            component="EVSE",
            variable="Power",
            value="1",
        )
        self.value = StreamValue(
            operator=operator,
            station=station,
            monitor=1,
            at=NOW,
            part=0,
            value="1",
            received_at=NOW,
        )

    def keep(self, work: Any) -> None:
        """Write all."""
        work.files.add(self.file)
        work.files.add_pass(self.leave)
        work.events.add(self.event)
        work.events.add_value(self.value)


READS: dict[str, Any] = {
    "files.get": lambda w, t: w.files.get(t.upkeep.file.id),
    "files.of_operation": lambda w, t: w.files.of_operation(77),
    "files.older": lambda w, t: w.files.older("log", LATER),
    "files.total": lambda w, t: w.files.total(),
    "events.values": lambda w, t: w.events.values(t.station.id, 1, None, None, 10),
}
EVERYWHERE: dict[str, Any] = {"files.find_pass": lambda w, t: w.files.find_pass(t.upkeep.leave.id)}
WRITES: dict[str, Any] = {
    "files.add": lambda w, t: w.files.add(_ours(t.upkeep.file, name="x")),
    "files.remove": lambda w, t: w.files.remove(t.upkeep.file.id),
    "files.add_pass": lambda w, t: w.files.add_pass(_ours(t.upkeep.leave)),
    "files.use_pass": lambda w, t: w.files.use_pass(t.upkeep.leave, LATER),
    "files.end_passes": lambda w, t: w.files.end_passes(t.station.id, 77),
    "events.add": lambda w, t: w.events.add(_ours(t.upkeep.event, value="2")),
    "events.add_value": lambda w, t: w.events.add_value(_ours(t.upkeep.value, value="2")),
    "variables.tell": lambda w, t: w.variables.tell(t.station.id, t.variable.name, "2", LATER),
}
SHOWN: dict[str, Any] = {
    "files": lambda c, t: c.files(ONE, FileFilter()),
    "file": lambda c, t: c.file(ONE, str(t.upkeep.file.id)),
    "station_events": lambda c, t: c.station_events(ONE, EventFilter()),
}


def _ours(theirs: Any, **changes: Any) -> Any:
    return msgspec.structs.replace(theirs, operator=ONE, **changes)
