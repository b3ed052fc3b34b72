"""The device model: which variables a station has, what they say, and which may be set (2.0.1 part 2, 2.4)."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING

from releve.simulator import grid
from releve.simulator.evse import Evse, Status
from releve.simulator.place import Place
from releve.simulator.settings_fields import Field, Kind

if TYPE_CHECKING:
    from releve.simulator.station import Station

Read = Callable[["Station"], str]


@dataclass(frozen=True, slots=True)
class Entry:
    """A variable: a setting of the station (`field`) or something it can tell (`read`)."""

    place: Place
    type: str
    field: Field | None = None
    read: Read | None = None
    unit: str | None = None
    maximum: float | None = None
    values: str | None = None
    secret: bool = False

    @property
    def numeric(self) -> bool:
        """Whether its value is a number."""
        return self.type in NUMERIC

    @property
    def monitored(self) -> bool:
        """Whether monitors may watch it: all but what may not be read."""
        return not self.secret

    @property
    def writable(self) -> bool:
        """Whether SetVariables may change it."""
        return self.field is not None

    def value(self, station: "Station") -> str:
        """Its Actual value."""
        if self.field is not None:
            return self.field.read(station.behaviour)
        return "" if self.read is None else self.read(station)


NUMERIC = ("integer", "decimal")
STATES = "Available,Occupied,Reserved,Unavailable,Faulted"
TYPES = {
    Kind.INTEGER: "integer",
    Kind.BOOLEAN: "boolean",
    Kind.MEASURANDS: "MemberList",
    Kind.WORDS: "MemberList",
    Kind.TEXT: "string",
}


class DeviceModel:
    """All variables of one station, in the order of a report."""

    def __init__(self, entries: Iterator[Entry]) -> None:
        self._entries = {entry.place.key: entry for entry in entries}
        self._components = {(place[0], place[3], place[4]) for place in self._entries}

    def __iter__(self) -> Iterator[Entry]:
        return iter(self._entries.values())

    def __len__(self) -> int:
        return len(self._entries)

    def find(self, place: Place) -> Entry | None:
        """The variable at `place`, or None."""
        return self._entries.get(place.key)

    def has_component(self, place: Place) -> bool:
        """Whether the component itself exists: its absence has a status of its own."""
        component, _, _, evse, connector = place.key
        return (component, evse, connector) in self._components


def setting(
    component: str,
    variable: str,
    field: Field,
    instance: str | None = None,
    unit: str | None = None,
    values: str | None = None,
    *,
    secret: bool = False,
) -> Entry:
    """A variable that may be set."""
    place = Place(component, variable, instance)
    return Entry(place, TYPES[field.kind], field=field, unit=unit, values=values, secret=secret)


def fact(
    place: Place,
    type_: str,
    read: Read,
    unit: str | None = None,
    maximum: float | None = None,
    values: str | None = None,
) -> Entry:
    """A variable that can only be read."""
    return Entry(place, type_, read=read, unit=unit, maximum=maximum, values=values)


def availability(status: Status) -> str:
    """AvailabilityState: the five words of 2.x."""
    idle = (Status.AVAILABLE, Status.RESERVED, Status.UNAVAILABLE, Status.FAULTED)
    return status.value if status in idle else "Occupied"


def connector_state(evse: Evse, connector: int) -> str:
    """AvailabilityState of a connector: only the one in use is ever Occupied."""
    state = availability(evse.status)
    return state if connector == evse.connector or state != "Occupied" else "Available"


def evse_entries(evse: Evse) -> Iterator[Entry]:
    """The variables of an EVSE and its connectors."""
    number = evse.id

    def at(variable: str) -> Place:
        return Place("EVSE", variable, evse=number)

    yield fact(at("Available"), "boolean", lambda _s: "true")
    yield fact(
        at("AvailabilityState"),
        "OptionList",
        lambda s: availability(s.evses[number].status),
        values=STATES,
    )
    yield fact(at("SupplyPhases"), "integer", lambda _s: str(evse.supply.phases))
    yield fact(
        at("Power"),
        "decimal",
        lambda s: f"{s.evses[number].meter.flow.power_w:.1f}",
        unit="W",
        maximum=evse.supply.max_power_w,
    )
    yield fact(
        at("Temperature"),
        "decimal",
        lambda s: f"{s.evses[number].temperature_c:.1f}",
        unit="Celsius",
        maximum=100.0,
    )
    yield fact(at("ACVoltage"), "decimal", lambda s: f"{grid.voltage_v(s, evse):.1f}", unit="V")
    yield fact(
        at("ACCurrent"),
        "decimal",
        lambda s: f"{abs(s.evses[number].meter.flow.current_a):.1f}",
        unit="A",
        maximum=evse.supply.max_current_a,
    )
    yield fact(at("AllowReset"), "boolean", lambda _s: "true")
    for connector, kind in enumerate(evse.connectors, 1):
        yield from _connector_entries(number, connector, kind, evse.supply.phases)


def _connector_entries(number: int, connector: int, kind: str, phases: int) -> Iterator[Entry]:
    def at(variable: str) -> Place:
        return Place("Connector", variable, evse=number, connector=connector)

    yield fact(at("Available"), "boolean", lambda _s: "true")
    yield fact(
        at("AvailabilityState"),
        "OptionList",
        lambda s: connector_state(s.evses[number], connector),
        values=STATES,
    )
    yield fact(at("ConnectorType"), "string", lambda _s: kind)
    yield fact(at("SupplyPhases"), "integer", lambda _s: str(phases))
