"""The variables that say how far monitoring goes, and what of it is set (block N)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from releve.ocpp.version import Version
from releve.simulator.monitors import MOST_STREAMS
from releve.simulator.place import Place
from releve.simulator.settings_fields import boolean, integer
from releve.simulator.v2.device_model import Entry, fact, setting

if TYPE_CHECKING:
    from releve.simulator.station import Station

CONTROLLER = "MonitoringCtrlr"
BASES = "All,FactoryDefault,HardWiredOnly"
ITEMS, BYTES = "20", "65536"


def monitoring_entries(station: "Station") -> Iterator[Entry]:
    """MonitoringCtrlr."""

    def at(variable: str, instance: str | None = None) -> Place:
        return Place(CONTROLLER, variable, instance)

    yield fact(at("Available"), "boolean", lambda _s: "true")
    yield setting(CONTROLLER, "Enabled", boolean("monitoring_enabled"))
    yield setting(CONTROLLER, "OfflineQueuingSeverity", integer("offline_queuing_severity", 0, 9))
    for action in ("SetVariableMonitoring", "ClearVariableMonitoring"):
        yield fact(at("ItemsPerMessage", action), "integer", lambda _s: ITEMS)
        yield fact(at("BytesPerMessage", action), "integer", lambda _s: BYTES)
    base = at("ActiveMonitoringBase")
    yield fact(base, "OptionList", lambda s: s.monitors.base, values=BASES)
    yield fact(at("ActiveMonitoringLevel"), "integer", lambda s: str(s.monitors.level))
    if station.plan.version is Version.V21:
        yield fact(at("MaxPeriodicEventStreams"), "integer", lambda _s: str(MOST_STREAMS))
