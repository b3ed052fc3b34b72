"""Monitors of variables: what a station keeps of them, and when one of them fires (block N)."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from releve.simulator.place import Place

MOST_MONITORS, MOST_STREAMS = 60, 5
MOST_SEVERITY = 9
MOST_BUFFERED = 1_000
"""Values of a stream that wait for the line; older ones are dropped."""
FACTORY = "FactoryDefault"


class Kind(StrEnum):
    """2.1 MonitorEnumType, without those for variables that have a target: none here has one."""

    UPPER = "UpperThreshold"
    LOWER = "LowerThreshold"
    DELTA = "Delta"
    PERIODIC = "Periodic"
    ALIGNED = "PeriodicClockAligned"

    @property
    def trigger(self) -> str:
        """EventTriggerEnumType."""
        if self in (Kind.UPPER, Kind.LOWER):
            return "Alerting"
        return "Delta" if self is Kind.DELTA else "Periodic"


class Origin(StrEnum):
    """EventNotificationEnumType, as far as monitors go."""

    HARD_WIRED = "HardWiredMonitor"
    PRECONFIGURED = "PreconfiguredMonitor"
    CUSTOM = "CustomMonitor"


@dataclass(slots=True)
class Monitor:
    """One monitor, and its memory: whether it alerts, the value told last, when the next is due (simulated s)."""

    id: int
    place: Place
    kind: Kind
    value: float
    severity: int
    origin: Origin = Origin.CUSTOM
    transaction: bool = False
    active: bool = True
    alerting: bool = False
    told: str | None = None
    next_at: float | None = None

    def fires(self, actual: str, *, numeric: bool, now_s: float, day_s: float) -> bool | None:
        """Whether there is something to tell now: False when an alert is over, None when there is nothing.

        day_s: seconds since midnight, for what follows the clock.
        """
        if self.kind in (Kind.UPPER, Kind.LOWER):
            return self._crosses(float(actual))
        if self.kind is Kind.DELTA:
            return self._differs(actual, numeric=numeric)
        if self.next_at is None:
            self.next_at = now_s + (
                self.value if self.kind is Kind.PERIODIC else self.value - day_s % self.value
            )
        if now_s < self.next_at:
            return None
        missed = int((now_s - self.next_at) // self.value)
        self.next_at += (missed + 1) * self.value
        return True

    def _crosses(self, actual: float) -> bool | None:
        """N07.FR.16, N07.FR.17: beyond the threshold, not on it."""
        beyond = actual > self.value if self.kind is Kind.UPPER else actual < self.value
        if beyond is self.alerting:
            return None
        self.alerting = beyond
        return beyond

    def _differs(self, actual: str, *, numeric: bool) -> bool | None:
        """N07.FR.18, N07.FR.19: since it was set, or told last."""
        if self.told is None:
            self.told = actual
            return None
        by = abs(float(actual) - float(self.told)) if numeric else 0.0
        if not (by > self.value if numeric else actual != self.told):
            return None
        self.told = actual
        return True


@dataclass(slots=True)
class Stream:
    """A periodic event stream: values of a monitor, told together (2.1, N11 to N15)."""

    id: int
    monitor: int
    interval_s: int = 0
    values: int = 0
    """At most, and as soon as, so many at once; 0: no matter."""
    buffer: list[tuple[datetime, str]] = field(default_factory=list)
    next_at: float | None = None

    def put(self, at: datetime, value: str) -> None:
        self.buffer.append((at, value))
        del self.buffer[:-MOST_BUFFERED]

    def due(self, now_s: float) -> bool:
        """N15.FR.06, N15.FR.08."""
        full = self.values > 0 and len(self.buffer) >= self.values
        if self.interval_s > 0 and self.next_at is None:
            self.next_at = now_s + self.interval_s
        timely = self.next_at is not None and self.interval_s > 0 and now_s >= self.next_at
        if timely:
            self.next_at = now_s + self.interval_s
        return bool(self.buffer) and (full or timely)

    def take(self) -> list[tuple[datetime, str]]:
        """The values of one message (N15.FR.07)."""
        most = self.values or len(self.buffer)
        taken, self.buffer = self.buffer[:most], self.buffer[most:]
        return taken


class MonitorBook:
    """All monitors of a station. They survive reboots (N07.FR.13)."""

    def __init__(self, evses: Iterable[int]) -> None:
        self.base = FACTORY
        self.level = MOST_SEVERITY
        self.events = 0
        self.streams: dict[int, Stream] = {}
        self._monitors: dict[int, Monitor] = {}
        self._overruled: dict[int, Monitor] = {}
        self._next = 1
        self._next_stream = 1
        for number in evses:
            place = Place("EVSE", "Temperature", evse=number)
            self._add(Monitor(0, place, Kind.UPPER, 80.0, 2, Origin.HARD_WIRED))
            self._add(Monitor(0, place, Kind.UPPER, 55.0, 6, Origin.PRECONFIGURED))

    def __iter__(self) -> Iterator[Monitor]:
        """Those that are active."""
        return iter([each for each in self._monitors.values() if each.active])

    def set(self, wanted: Monitor) -> tuple[str, str]:
        """Install a monitor, or (with an id) replace one; status and reason. `wanted.id` is made where it is 0."""
        known = self._monitors.get(wanted.id)
        if wanted.id:
            if known is None:
                return "Rejected", "NotFound"  # N04.FR.13
            if known.place.key != wanted.place.key:
                return "Rejected", "InvalidValue"  # N04.FR.16
            if known.origin is Origin.HARD_WIRED:
                return "Rejected", "ReadOnly"  # N04.FR.18
        if wanted.kind is Kind.DELTA and wanted.value < 0:
            return "Rejected", "ValuePositiveOnly"  # N04.FR.14
        if wanted.kind in (Kind.PERIODIC, Kind.ALIGNED) and wanted.value < 1:
            return "Rejected", "ValueTooLow"
        if any(self._same(wanted, each) for each in self):
            return "Duplicate", ""  # N04.FR.10
        if known is None and len(self._monitors) >= MOST_MONITORS:
            return "Rejected", "TooManyElements"
        if known is not None and known.origin is Origin.PRECONFIGURED:
            self._overruled[known.id] = known  # N04.FR.15
        if known is None:
            self._add(wanted)
        else:
            self._monitors[wanted.id] = wanted
        return "Accepted", ""

    def clear(self, number: int) -> str:
        """N06: Accepted, NotFound or Rejected."""
        known = self._monitors.get(number)
        if known is None or not known.active:
            return "NotFound"
        if known.origin is Origin.HARD_WIRED:
            return "Rejected"  # N06.FR.03
        if number in self._overruled:
            known = self._monitors[number] = _anew(self._overruled.pop(number))
        known.active = False  # what came from the factory comes back with its set of monitors
        if known.origin is Origin.CUSTOM:
            del self._monitors[number]
        return "Accepted"

    def rebase(self, base: str) -> None:
        """N03.FR.03 to .05: All, FactoryDefault or HardWiredOnly."""
        self.base = base
        if base != "All":
            custom = [m.id for m in self._monitors.values() if m.origin is Origin.CUSTOM]
            for number in custom:
                del self._monitors[number]
            for number, former in self._overruled.items():
                self._monitors[number] = _anew(former)
            self._overruled = {}
        for monitor in self._monitors.values():
            if monitor.origin is Origin.PRECONFIGURED:
                monitor.active = base != "HardWiredOnly"

    def stream_of(self, monitor: int) -> Stream | None:
        """The stream that tells the values of a monitor."""
        return next((s for s in self.streams.values() if s.monitor == monitor), None)

    def new_stream(self, monitor: int, interval_s: int, values: int) -> Stream | None:
        """A stream, not open yet; None when there are too many."""
        if len(self.streams) >= MOST_STREAMS:
            return None
        number, self._next_stream = self._next_stream, self._next_stream + 1
        return Stream(number, monitor, interval_s, values)

    def next_event(self) -> int:
        """The next eventId."""
        self.events += 1
        return self.events

    def _add(self, monitor: Monitor) -> None:
        monitor.id, self._next = self._next, self._next + 1
        self._monitors[monitor.id] = monitor

    @staticmethod
    def _same(new: Monitor, old: Monitor) -> bool:
        return (
            new.id != old.id
            and new.place.key == old.place.key
            and (new.kind, new.severity) == (old.kind, old.severity)
        )


def _anew(monitor: Monitor) -> Monitor:
    """A monitor without what it remembers."""
    return replace(monitor, alerting=False, told=None, next_at=None)
