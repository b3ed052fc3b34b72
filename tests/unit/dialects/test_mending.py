"""What stations with known quirks send is put right before it is understood."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest

from releve.dialects.mending import mend
from releve.dialects.v2.metering import samples as samples_2
from releve.dialects.v16 import dialect as v16
from releve.dialects.v16.metering import samples as samples_16
from releve.domain.commands import UnlockConnector
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.quirks import Quirks
from releve.domain.station import Station
from releve.ocpp import codec
from releve.ocpp.version import Version
from releve.services.live import LiveStation


def heard(version: Version, action: str, payload: dict[str, Any], quirks: Quirks) -> Any:
    return mend(codec.decode_request(version, action, msgspec.json.encode(payload)), quirks)


def meter_values(*sampled: dict[str, str], at: str = "2026-07-01T12:00:00Z") -> dict[str, Any]:
    values = {"timestamp": at, "sampledValue": list(sampled)}
    return {"connectorId": 1, "meterValue": [values]}


def energy(value: str, context: str = "Sample.Periodic") -> dict[str, str]:
    return {"value": value, "context": context, "measurand": "Energy.Active.Import.Register"}


@pytest.mark.parametrize(
    ("zone", "told", "meant"),
    [
        ("+02:00", "2026-07-01T14:00:00Z", "2026-07-01T12:00:00Z"),
        ("+02:00", "2026-07-01T14:00:00", "2026-07-01T12:00:00Z"),
        ("-03:30", "2026-07-01T08:30:00Z", "2026-07-01T12:00:00Z"),
        ("Europe/Paris", "2026-07-01T14:00:00Z", "2026-07-01T12:00:00Z"),
        ("Europe/Paris", "2026-01-01T13:00:00Z", "2026-01-01T12:00:00Z"),
        ("+02:00", "1970-01-01T00:00:07Z", "1970-01-01T00:00:07Z"),
        ("No/Where", "2026-07-01T14:00:00Z", "2026-07-01T14:00:00Z"),
    ],
)
def test_local_time_that_is_told_as_utc_is_moved_wherever_it_stands(zone, told, meant):
    quirks = Quirks(clock=zone)
    status = {"connectorId": 1, "status": "Available", "errorCode": "NoError", "timestamp": told}
    assert heard(Version.V16, "StatusNotification", status, quirks).timestamp == at(meant)
    values = heard(Version.V16, "MeterValues", meter_values(energy("1"), at=told), quirks)
    assert values.meter_value[0].timestamp == at(meant)
    event = {
        "eventType": "Started",
        "timestamp": told,
        "triggerReason": "Authorized",
        "seqNo": 0,
        "transactionInfo": {"transactionId": "T"},
        "meterValue": [{"timestamp": told, "sampledValue": [{"value": 1}]}],
    }
    moved = heard(Version.V201, "TransactionEvent", event, quirks)
    assert [moved.timestamp, moved.meter_value[0].timestamp] == [at(meant)] * 2


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).astimezone(UTC)


@pytest.mark.parametrize(
    ("told", "wh"),
    [("1.234,5", 1234.5), ("1 234,5", 1234.5), ("12,5", 12.5), ("1.234", 1.234), ("7", 7.0)],
)
def test_numbers_with_a_decimal_comma(told, wh):
    message = heard(
        Version.V16, "MeterValues", meter_values(energy(told)), Quirks(decimal_comma=True)
    )
    assert samples_16(message.meter_value)[0].energy_wh == wh


def test_measurands_of_its_own_are_named_and_senseless_ones_left_out():
    quirks = Quirks(measurands={"Power": "Power.Active.Import", "SoC": ""})
    message = heard(
        Version.V16,
        "MeterValues",
        meter_values(
            {"value": "7", "measurand": "Power", "unit": "kW"},
            {"value": "255", "measurand": "SoC"},
            energy("5"),
        ),
        quirks,
    )
    sample = samples_16(message.meter_value)[0]
    assert (sample.power_w, sample.soc_pct, sample.energy_wh) == (7000.0, None, 5.0)


def test_old_readings_beside_present_ones_do_not_count():
    quirks = Quirks(stale_contexts=("Transaction.Begin",))
    both = meter_values(energy("2"), energy("0", "Transaction.Begin"))
    only = meter_values(energy("0", "Transaction.Begin"))
    for payload, wh in ((both, 2.0), (only, 0.0)):
        message = heard(Version.V16, "MeterValues", payload, quirks)
        assert samples_16(message.meter_value)[0].energy_wh == wh


def test_the_same_in_2x():
    quirks = Quirks(stale_contexts=("Transaction.Begin",), measurands={"SoC": ""})
    reading = {"measurand": "Energy.Active.Import.Register"}
    values = [
        {"value": 9, "context": "Sample.Periodic", **reading},
        {"value": 1, "context": "Transaction.Begin", **reading},
        {"value": 3, "measurand": "SoC"},
    ]
    meter_value = [{"timestamp": "2026-07-01T12:00:00Z", "sampledValue": values}]
    message = heard(Version.V21, "MeterValues", {"evseId": 1, "meterValue": meter_value}, quirks)
    sample = samples_2(message.meter_value)[0]
    assert (sample.energy_wh, sample.soc_pct) == (9.0, None)


def test_the_only_connector_that_is_called_zero_is_connector_one():
    quirks = Quirks(connector_zero=True)
    started = {"connectorId": 0, "idTag": "A", "meterStart": 0, "timestamp": "2026-07-01T12:00:00Z"}
    assert heard(Version.V16, "StartTransaction", started, quirks).connector_id == 1
    assert heard(Version.V16, "MeterValues", meter_values() | {"connectorId": 0}, quirks)


@pytest.mark.parametrize(("quirk", "told"), [(True, 0), (False, 1)])
def test_a_station_is_told_of_its_only_connector_as_it_calls_it(quirk, told):
    live = LiveStation(
        Station(
            id=StationId(1),
            operator=DEFAULT_OPERATOR,
            identity="A",
            created_at=datetime(2026, 7, 1, tzinfo=UTC),
        )
    )
    live.quirks = Quirks(connector_zero=quirk)
    assert v16.ask(UnlockConnector(evse=1, connector=1), live).request.connector_id == told
    assert v16.ask(UnlockConnector(evse=2, connector=1), live).request.connector_id == 2


def test_what_nothing_is_wrong_with_stays_the_very_message():
    message = codec.decode_request(Version.V16, "Heartbeat", b"{}")
    assert mend(message, Quirks(decimal_comma=True)) is message
