"""One charge, told in each version's words through its dialect, ends up as the same row on disk."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from unittest.mock import create_autospec

import msgspec
import pytest

from releve.app.house_services import build_services
from releve.dialects import DIALECTS
from releve.domain.ids import DEFAULT_OPERATOR, StationId, TokenId
from releve.domain.meter import ENERGY_IMPORT
from releve.domain.station import ChargingState, ConnectorStatus, Station
from releve.domain.token import Token, Verdict
from releve.domain.transaction import TransactionState
from releve.ocpp import codec
from releve.ocpp.version import Version
from releve.services.credentials import Credentials
from releve.services.live import Inbound, load
from releve.services.ports import Caller, Presence
from releve.settings import Settings
from releve.storage.ids import SystemIds
from releve.storage.migrate import migrate
from releve.storage.store import open_store
from tests.unit.dialects.kit import sent

T0 = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
STATION = Station(id=StationId(7), operator=DEFAULT_OPERATOR, identity="CS-7", created_at=T0)


class StillClock:
    def now(self) -> datetime:
        return T0 + timedelta(hours=1)

    def monotonic(self) -> float:
        return 0.0


class NoBus:
    def publish(self, announced) -> None:
        """Nobody listens here."""

    def listened(self, operator) -> bool:
        return False


class Teller:
    """A station's messages, through the dialect, the services and the store."""

    def __init__(self, version, services, live):
        self.version = version
        self.services = services
        self.live = live
        self._number = 0
        self._seq = -1

    async def tell(self, action, payload):
        raw = msgspec.json.encode(payload)
        request = codec.decode_request(self.version, action, raw)
        self._number += 1
        inbound = Inbound(self.live, StillClock().now(), action, str(self._number), raw)
        handler = DIALECTS[self.version].handler(action)
        response = await handler(request, inbound, self.services)
        return sent(self.version, response, f"{action}Response")


class In16(Teller):
    async def authorize(self, token):
        return (await self.tell("Authorize", {"idTag": token}))["idTagInfo"]

    async def begin(self, token, wh):
        payload = {
            "connectorId": 1,
            "idTag": token,
            "meterStart": wh,
            "timestamp": T0.isoformat(),
        }
        response = await self.tell("StartTransaction", payload)
        self.transaction = response["transactionId"]
        return response["idTagInfo"], str(self.transaction)

    async def sample(self, minutes, kwh):
        sampled = {"value": f"{kwh}", "unit": "kWh"}
        value = {"timestamp": after(minutes), "sampledValue": [sampled]}
        await self.tell(
            "MeterValues",
            {"connectorId": 1, "transactionId": self.transaction, "meterValue": [value]},
        )

    async def end(self, minutes, wh):
        payload = {
            "transactionId": self.transaction,
            "meterStop": wh,
            "timestamp": after(minutes),
            "reason": "EVDisconnected",
        }
        await self.tell("StopTransaction", payload)

    async def occupied(self):
        payload = {"connectorId": 1, "errorCode": "NoError", "status": "Charging"}
        await self.tell("StatusNotification", payload)


class In2(Teller):
    async def authorize(self, token):
        payload = {"idToken": {"idToken": token, "type": "ISO14443"}}
        return (await self.tell("Authorize", payload))["idTokenInfo"]

    async def begin(self, token, wh):
        self._seq = 0
        sampled = {"value": wh, "context": "Transaction.Begin"}
        response = await self.tell(
            "TransactionEvent",
            {
                **self._event("Started", "Authorized", 0, [sampled]),
                "evse": {"id": 1, "connectorId": 1},
                "idToken": {"idToken": token, "type": "ISO14443"},
            },
        )
        return response["idTokenInfo"], "T-1"

    async def sample(self, minutes, kwh):
        sampled = {"value": kwh, "unitOfMeasure": {"unit": "kWh"}}
        await self._next("Updated", "MeterValuePeriodic", minutes, [sampled])

    async def end(self, minutes, wh):
        sampled = {"value": wh, "context": "Transaction.End"}
        await self._next("Ended", "EVDeparted", minutes, [sampled], stoppedReason="EVDisconnected")

    async def occupied(self):
        payload = {
            "timestamp": T0.isoformat(),
            "connectorStatus": "Occupied",
            "evseId": 1,
            "connectorId": 1,
        }
        await self.tell("StatusNotification", payload)
        await self._next("Updated", "ChargingStateChanged", 1, [], chargingState="Charging")

    async def _next(self, kind, trigger, minutes, sampled, **more):
        self._seq += 1
        await self.tell("TransactionEvent", self._event(kind, trigger, minutes, sampled, **more))

    def _event(self, kind, trigger, minutes, sampled, **more):
        value = {"timestamp": after(minutes), "sampledValue": sampled}
        return {
            "eventType": kind,
            "timestamp": after(minutes),
            "triggerReason": trigger,
            "seqNo": self._seq,
            "transactionInfo": {"transactionId": "T-1", **more},
            **({"meterValue": [value]} if sampled else {}),
        }


def after(minutes: int) -> str:
    return (T0 + timedelta(minutes=minutes)).isoformat()


@pytest.fixture
async def store(tmp_path) -> AsyncIterator[object]:
    url = f"sqlite:///{tmp_path}/releve.db"
    await migrate(url)
    opened = await open_store(url, clock=StillClock(), bus=NoBus())
    async with opened.work(DEFAULT_OPERATOR) as work:
        work.stations.add(STATION)
        for number, value in enumerate(("ADA", "EVE"), 1):
            work.tokens.add(
                Token(
                    id=TokenId(number),
                    operator=DEFAULT_OPERATOR,
                    value=value,
                    group="FAMILY",
                    blocked=value == "EVE",
                    created_at=T0,
                )
            )
    yield opened
    await opened.close()


@pytest.fixture(params=Version, ids=lambda version: version.label)
async def station(request, store):
    services = build_services(
        Settings(),
        store,
        StillClock(),
        SystemIds(),
        create_autospec(Credentials, instance=True),
        create_autospec(Presence, instance=True),
        create_autospec(Caller, instance=True),
        b"pepper",
    )
    async with store.work(DEFAULT_OPERATOR) as work:
        live = await load(work, STATION, 1)
    kind = In16 if request.param is Version.V16 else In2
    return kind(request.param, services, live)


async def row_of(store, reference):
    async with store.work(DEFAULT_OPERATOR) as work:
        return await work.transactions.find(STATION.id, reference)


async def test_a_whole_charge_is_on_disk(station, store):
    info, reference = await station.begin("ADA", 1_000)
    await station.occupied()
    await station.sample(10, 3.201)
    await station.end(20, 5_000)

    row = await row_of(store, reference)
    assert info["status"] == "Accepted"
    assert (row.state, row.verdict, row.token) == (TransactionState.ENDED, Verdict.ACCEPTED, "ADA")
    assert (row.evse, row.connector, row.started_at) == (1, 1, T0)
    assert row.ended_at == T0 + timedelta(minutes=20)
    assert (row.meter_start_wh, row.meter_stop_wh, row.energy_wh) == (1_000, 5_000, 4_000)
    assert (row.stop_reason, row.held) == ("EVDisconnected", False)
    async with store.work(DEFAULT_OPERATOR) as work:
        points = await work.samples.registers(row.id)
        facts = await work.transactions.facts(row.id)
    assert 3_201.0 in [point.wh for point in points]
    assert [fact.kind for fact in facts if fact.kind != "Updated"] == ["Started", "Ended"]


async def test_a_charging_car_shows_on_its_evse_and_its_transaction(station, store):
    _, reference = await station.begin("ADA", 1_000)
    await station.occupied()

    async with store.work(DEFAULT_OPERATOR) as work:
        (evse,) = await work.stations.evses(STATION.id)
    assert (evse.evse, evse.connector) == (1, 1)
    assert (evse.status, evse.charging) == (ConnectorStatus.OCCUPIED, ChargingState.CHARGING)
    assert (await row_of(store, reference)).charging is ChargingState.CHARGING


async def test_readings_come_back_from_disk_as_they_were_told(station, store):
    _, reference = await station.begin("ADA", 1_000)
    await station.sample(10, 3.201)

    row = await row_of(store, reference)
    series = await store.catalogue.series(DEFAULT_OPERATOR, str(row.id), readings=True)
    (told,) = [r for s in series for r in s.readings if s.energy_wh == 3_201.0]
    assert (told["measurand"], told["value"], told["unit"]) == (ENERGY_IMPORT, 3201.0, "Wh")


async def test_a_blocked_token_is_refused_and_its_charge_kept(station, store):
    assert (await station.authorize("EVE"))["status"] == "Blocked"

    info, reference = await station.begin("EVE", 0)

    row = await row_of(store, reference)
    assert info["status"] == "Blocked"
    assert (row.verdict, row.state) == (Verdict.BLOCKED, TransactionState.ACTIVE)


async def test_a_repeated_start_is_the_same_transaction_with_the_same_answer(station, store):
    first = await station.begin("ADA", 1_000)
    again = await station.begin("ADA", 1_000)

    assert again == first
    async with store.work(DEFAULT_OPERATOR) as work:
        assert len(await work.transactions.live(STATION.id)) == 1


async def test_the_group_is_told_with_the_verdict(station):
    info = await station.authorize("ada")

    group = info["parentIdTag"] if "parentIdTag" in info else info["groupIdToken"]["idToken"]
    assert (info["status"], group) == ("Accepted", "FAMILY")
