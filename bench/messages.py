"""What the simulated stations say: OCPP 1.6 MeterValues and 2.0.1 TransactionEvent Updated, two sampled values each.

Message ids and times differ in every message, sequence numbers and registers rise: nothing is a replay, every call is
a new row. A MeterValues call is a frame of about 307 bytes, a TransactionEvent one of about 570.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

V16 = "1.6"
V201 = "2.0.1"
VERSIONS = (V16, V201)
PROTOCOLS = {V16: "ocpp1.6", V201: "ocpp2.0.1"}
ACTIONS = {V16: "MeterValues", V201: "TransactionEvent"}
TOKEN = "BENCH-0001"
FIRST_WH = 1_000_000
ID_LENGTH = 22

Payload = bytes
Maker = Callable[[int], tuple[bytes, Payload]]
"""From a message's number at its station (1, 2, ...) to its id and text."""


def identity_of(version: str, number: int) -> str:
    """A station's identity on the wire."""
    return f"BENCH-{version.replace('.', '')}-{number:06d}"


def password_of(identity: str) -> str:
    """20 characters, as a generated one has; known to both sides of the benchmark."""
    return f"{identity:x>20}"[-20:]


class Times:
    """Wall-clock times one millisecond apart, as JSON text; made without formatting a date for each."""

    def __init__(self, start: datetime | None = None) -> None:
        self._start = (start or datetime.now(UTC)).replace(microsecond=0)
        self._seconds: list[bytes] = []

    def at(self, number: int) -> bytes:
        """The time `number` ms after the start, `2026-11-22T10:00:00.000Z`."""
        second, ms = divmod(number, 1000)
        while len(self._seconds) <= second:
            moment = self._start + timedelta(seconds=len(self._seconds))
            self._seconds.append(moment.strftime("%Y-%m-%dT%H:%M:%S").encode())
        return b"%b.%03dZ" % (self._seconds[second], ms)


def message_id(station: int, number: int) -> bytes:
    """22 characters, different for every message of every station."""
    return b"%06d-%015d" % (station, number)


def setup(version: str, station: int, times: Times) -> Iterator[tuple[bytes, Payload]]:
    """What a station says before it charges: its boot, and the start of a transaction."""
    boot, begin = message_id(station, 1), message_id(station, 2)
    if version == V16:
        yield boot, b'[2,"%b","BootNotification",%b]' % (boot, _BOOT_16)
        yield begin, b'[2,"%b","StartTransaction",%b]' % (begin, _START_16 % times.at(0))
    else:
        yield boot, b'[2,"%b","BootNotification",%b]' % (boot, _BOOT_201)
        told = _EVENT_201 % _event(station, b"Started", 0, times)
        yield begin, b'[2,"%b","TransactionEvent",%b]' % (begin, told)


SETUP_CALLS = 2
"""How many that are."""
SETUP_SAMPLES = {V16: 0, V201: 1}
"""Meter samples that the set-up of one station already carries."""


def maker(version: str, station: int, transaction: bytes, times: Times) -> Maker:
    """The measured messages of one station. transaction: the id that its StartTransaction was given (1.6)."""
    if version == V16:

        def meter_values(number: int) -> tuple[bytes, Payload]:
            call = message_id(station, SETUP_CALLS + number)
            return call, _METER_16 % (call, transaction, times.at(number), FIRST_WH + number)

        return meter_values

    def transaction_event(number: int) -> tuple[bytes, Payload]:
        call = message_id(station, SETUP_CALLS + number)
        told = _EVENT_201 % _event(station, b"Updated", number, times)
        return call, b'[2,"%b","TransactionEvent",%b]' % (call, told)

    return transaction_event


def _event(station: int, kind: bytes, number: int, times: Times) -> tuple[object, ...]:
    at = times.at(number)
    trigger = b"CablePluggedIn" if kind == b"Started" else b"MeterValuePeriodic"
    return kind, at, trigger, number, station, at, FIRST_WH + number


_BOOT_16 = b'{"chargePointVendor":"Bench","chargePointModel":"One"}'
_BOOT_201 = b'{"reason":"PowerUp","chargingStation":{"vendorName":"Bench","model":"Two"}}'
_START_16 = b'{"connectorId":1,"idTag":"%b","meterStart":%d,"timestamp":"%%b"}' % (
    TOKEN.encode(),
    FIRST_WH,
)
_METER_16 = (
    b'[2,"%b","MeterValues",{"connectorId":1,"transactionId":%b,"meterValue":[{"timestamp":"%b",'
    b'"sampledValue":[{"value":"%d","measurand":"Energy.Active.Import.Register","unit":"Wh"},'
    b'{"value":"7360","measurand":"Power.Active.Import","unit":"W"}]}]}]'
)
_EVENT_201 = (
    b'{"eventType":"%b","timestamp":"%b","triggerReason":"%b","seqNo":%d,'
    b'"transactionInfo":{"transactionId":"b3c4a1d2-5e6f-4a7b-8c9d-%012d","chargingState":"Charging"},'
    b'"evse":{"id":1,"connectorId":1},"meterValue":[{"timestamp":"%b","sampledValue":['
    b'{"value":%d.0,"context":"Sample.Periodic","measurand":"Energy.Active.Import.Register",'
    b'"unitOfMeasure":{"unit":"Wh"}},'
    b'{"value":7360.0,"measurand":"Power.Active.Import","unitOfMeasure":{"unit":"W"}}]}]}'
)
