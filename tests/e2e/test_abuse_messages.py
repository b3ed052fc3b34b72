"""Abuse by what stations say. The numbers are those of the house's list of abuse cases."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tests.support.running import Running, running
from tests.support.visitor import Visitor, anomalies, basic, now, visiting

MARKUP = "<script>alert(1)</script>"
SQL = "'; DROP TABLE stations; --"


@pytest.fixture
async def node(tmp_path: Path) -> AsyncIterator[Running]:
    async with running(tmp_path) as started:
        await started.add_token("ADA", concurrent=True)
        yield started


@pytest.fixture
async def station(node: Running) -> str:
    """The row id of the station BAD."""
    return await node.add_station("BAD")


@pytest.fixture
async def bad(node: Running, station: str) -> AsyncIterator[Visitor]:
    """BAD, connected and booted."""
    async with visiting(node, "BAD") as visitor:
        await visitor.boot()
        yield visitor


async def only(node: Running, **filters: Any) -> Any:
    """The only transaction there is."""
    (row,) = (await node.get("/transactions", **filters))["items"]
    return row


async def test_abuse_05_a_station_that_flaps_raises_an_alarm(node: Running, station: str) -> None:
    """Two stations under one identity throw each other out for ever."""
    lines = []
    for _ in range(7):
        context = visiting(node, "BAD")
        visitor = await context.__aenter__()
        lines.append((context, visitor))
        assert (await visitor.call("Heartbeat", {}))[0] == 3
    assert "flapping" in await anomalies(node, station)
    codes = [await visitor.closed() for _, visitor in lines[:-1]]
    assert codes == [4001] * 6
    for context, _ in lines:
        await context.__aexit__(None, None, None)


async def test_abuse_06_stop_of_another_stations_transaction(node: Running, bad: Visitor) -> None:
    await node.add_station("GOOD")
    async with visiting(node, "GOOD") as good:
        await good.boot()
        begun = (await good.start(wh=1000))["transactionId"]
        answer = await bad.call(
            "StopTransaction",
            {"transactionId": begun, "meterStop": 900_000, "timestamp": now(), "idTag": "ADA"},
        )
        assert answer[0] == 3  # as the standard wants: an error would be repeated for ever
        assert (await only(node, station="GOOD"))["state"] == "active"
        await good.stop(begun, 2000)
        row = await only(node, station="GOOD")
        assert (row["energy_wh"], row["held"]) == (1000, False)
    assert set(await anomalies(node, "BAD")) & {"stop-unmatched", "stop-without-start"}
    assert await anomalies(node, "GOOD") == []


async def test_abuse_06_meter_values_on_another_stations_transaction(
    node: Running, bad: Visitor
) -> None:
    await node.add_station("GOOD")
    async with visiting(node, "GOOD") as good:
        await good.boot()
        begun = (await good.start(wh=1000))["transactionId"]
        sample = {"timestamp": now(), "sampledValue": [{"value": "99000"}]}
        values = {"connectorId": 1, "transactionId": begun, "meterValue": [sample]}
        assert await bad.ask("MeterValues", values) == {}
        assert (await only(node, station="GOOD"))["energy_wh"] in (None, 0)
    assert await anomalies(node, "BAD") == ["foreign-transaction"]


async def test_abuse_06_transaction_numbers_cannot_be_guessed(node: Running, bad: Visitor) -> None:
    numbers = [(await bad.start(wh=n, connectorId=n))["transactionId"] for n in range(1, 9)]
    gaps = {b - a for a, b in pairwise(numbers)}
    assert len(set(numbers)) == len(gaps) + 1 == 8
    assert max(numbers) - min(numbers) > 1_000_000


async def test_abuse_07_replays_get_the_same_answer_and_no_second_effect(
    node: Running, bad: Visitor
) -> None:
    start = {"connectorId": 1, "idTag": "ADA", "meterStart": 1000, "timestamp": now()}
    first = await bad.call("StartTransaction", start, "1")
    for message_id in ("1", "2", "another"):
        assert (await bad.call("StartTransaction", start, message_id))[2] == first[2]
    stop = {"transactionId": first[2]["transactionId"], "meterStop": 6000, "timestamp": now()}
    ended = await bad.call("StopTransaction", stop, "8")
    for message_id in ("8", "9"):
        assert (await bad.call("StopTransaction", stop, message_id))[2] == ended[2]
    assert (await bad.call("StartTransaction", start, "10"))[2] == first[2]
    row = await only(node)
    assert (row["energy_wh"], row["state"], row["held"]) == (5000, "ended", False)


async def test_abuse_07_a_replayed_transaction_event_counts_once(node: Running) -> None:
    await node.add_station("BAD")
    async with visiting(node, "BAD", "ocpp2.0.1") as bad:
        await bad.boot()
        events = [
            ("Started", "Authorized", 0, 1000),
            ("Updated", "MeterValuePeriodic", 1, 3000),
            ("Ended", "EVDeparted", 2, 6000),
        ]
        for kind, trigger, number, wh in events:
            payload = {
                "eventType": kind,
                "timestamp": now(),
                "triggerReason": trigger,
                "seqNo": number,
                "transactionInfo": {"transactionId": "tx"},
                "evse": {"id": 1, "connectorId": 1},
                "idToken": {"idToken": "ADA", "type": "ISO14443"},
                "meterValue": [{"timestamp": now(), "sampledValue": [{"value": wh}]}],
            }
            first = await bad.call("TransactionEvent", payload, f"a{number}")
            assert (await bad.call("TransactionEvent", payload, f"a{number}")) == first
            assert (await bad.call("TransactionEvent", payload, f"b{number}"))[2] == first[2]
        row = await only(node)
        assert (row["energy_wh"], row["complete"]) == (5000, True)
        assert len((await node.get(f"/transactions/{row['id']}/series"))["items"]) == 3


@pytest.mark.parametrize(
    ("stop", "kind"), [(500, "meter-went-back"), (2_000_000_000, "meter-jump")]
)
async def test_abuse_08_a_meter_that_goes_back_or_leaps_is_held_from_billing(
    node: Running, bad: Visitor, stop: int, kind: str
) -> None:
    begun = (await bad.start(wh=1000))["transactionId"]
    assert (await bad.stop(begun, stop)).get("idTagInfo", {}).get("status") in (None, "Accepted")
    row = await only(node)
    assert (row["state"], row["held"], row["meter_stop_wh"]) == ("ended", True, stop)
    assert kind in await anomalies(node, "BAD")


@pytest.mark.parametrize("at", ["1970-01-01T00:00:10Z", "2199-01-01T00:00:00Z"])
async def test_abuse_09_impossible_times_are_accepted_flagged_and_held(
    node: Running, bad: Visitor, at: str
) -> None:
    begun = (await bad.start(wh=1000, timestamp=at))["transactionId"]
    await bad.stop(begun, 2000, timestamp=at)
    row = await only(node)
    assert (row["state"], row["held"]) == ("ended", True)
    started = datetime.fromisoformat(row["started_at"])
    assert abs(started - datetime.now(UTC)) < timedelta(minutes=5)  # the time of receipt counts
    assert "clock-implausible" in await anomalies(node, "BAD")


async def test_abuse_10_trying_out_tokens_ends_in_silence_and_an_alert(
    node: Running, bad: Visitor
) -> None:
    await node.add_station("GOOD")
    verdicts = []
    for number in range(40):
        answer = await bad.ask("Authorize", {"idTag": f"04{number:06X}"})
        verdicts.append(answer["idTagInfo"]["status"])
    assert set(verdicts) == {"Invalid"}
    # Now even a good token teaches nothing here; elsewhere and in the ledger all is as before.
    assert (await bad.ask("Authorize", {"idTag": "ADA"}))["idTagInfo"]["status"] == "Invalid"
    assert (await bad.start("ADA"))["idTagInfo"]["status"] == "Accepted"
    assert await anomalies(node, "BAD") == ["guesses"]
    async with visiting(node, "GOOD") as good:
        await good.boot()
        assert (await good.ask("Authorize", {"idTag": "ADA"}))["idTagInfo"]["status"] == "Accepted"


async def test_abuse_12_markup_and_13_sql_are_kept_as_text(node: Running, station: str) -> None:
    async with visiting(node, "BAD") as bad:
        about = {"chargePointModel": MARKUP[:20], "chargePointVendor": SQL[:20]}
        assert (await bad.ask("BootNotification", about))["status"] == "Accepted"
        odd = {"vendorId": SQL, "messageId": MARKUP, "data": MARKUP + SQL + "=1+1\r\n\x1b[31m"}
        assert (await bad.ask("DataTransfer", odd))["status"] == "UnknownVendorId"
        status = {"connectorId": 1, "status": "Faulted", "errorCode": "OtherError", "info": SQL}
        await bad.ask("StatusNotification", status | {"vendorErrorCode": MARKUP})
        assert (await bad.ask("Authorize", {"idTag": "' OR '1'='1"}))["idTagInfo"][
            "status"
        ] == "Invalid"
    row = await node.get(f"/stations/{station}")
    assert (row["model"], row["vendor"]) == (MARKUP[:20], SQL[:20])
    assert len((await node.get("/stations", search=SQL[:20]))["items"]) == 1
    assert (await node.get("/stations", search="' OR '1'='1"))["items"] == []


HOSTILE = {
    "deep": "[" * 100_000,
    "deep inside": '[2,"x","DataTransfer",{"vendorId":' + "[" * 5000 + "]" * 5000 + "}]",
    "nan": '[2,"x","MeterValues",{"connectorId":NaN}]',
    "infinity": '[2,"x","Heartbeat",{"a":1e999999}]',
    "giant": '[2,"x","StopTransaction",{"transactionId":' + "9" * 10_000 + "}]",
    "million": '[2,"x","MeterValues",{"connectorId":1,"meterValue":[' + "0," * 100_000 + "0]}]",
    "keys": '[2,"x","Heartbeat",{' + ",".join(f'"k{n}":0' for n in range(15_000)) + "}]",
    "no array": '{"2":"x"}',
    "long id": json.dumps([2, "i" * 100_000, "Heartbeat", {}]),
    "long action": json.dumps([2, "x", "A" * 100_000, {}]),
    "surrogate": '[2,"x","DataTransfer",{"vendorId":"\\ud800","data":"\\udfff"}]',
    "nul": '[2,"x","DataTransfer",{"vendorId":"a\\u0000b"}]',
    "empty": "",
    "spaces": " " * 10_000,
    "deep secret": '[2,"x","DataTransfer",{"vendorId":"KeyCode","data":"AuthorizationKey","x":'
    + "[" * 400
    + "]" * 400
    + "}]",
}


@pytest.mark.parametrize("version", ["ocpp1.6", "ocpp2.0.1", "ocpp2.1"])
async def test_abuse_14_json_made_to_hurt_is_answered_or_dropped(
    node: Running, station: str, version: str
) -> None:
    async with visiting(node, "BAD", version) as bad:
        await bad.boot()
        for name, text in HOSTILE.items():
            await bad.say(text)
            await bad.say(f'[2,"after {name}","Heartbeat",{{}}]')
            answer = await bad.hear()
            if answer[1] != f"after {name}":
                assert answer[0] in (3, 4), (name, answer)
                answer = await bad.hear()
            assert answer[:2] == [3, f"after {name}"]


async def test_abuse_14_duplicate_keys_have_one_meaning(node: Running, bad: Visitor) -> None:
    """The last one counts, in the ledger as in the message that was kept."""
    await bad.say(
        '[2,"x","StartTransaction",{"connectorId":1,"connectorId":2,"idTag":"EVE","idTag":"ADA",'
        f'"meterStart":5,"meterStart":7,"timestamp":"{now()}"}}]'
    )
    assert (await bad.hear())[2]["idTagInfo"]["status"] == "Accepted"
    row = await only(node)
    assert (row["evse"], row["token"], row["meter_start_wh"]) == (2, "ADA", 7)


async def test_abuse_19_answers_that_nobody_asked_for_are_dropped_and_counted(
    node: Running, bad: Visitor, station: str
) -> None:
    link = node.node.house.roster.links()[0]
    for number in range(2000):
        await bad.say(json.dumps([3, f"x{number}", {"status": "Accepted"}]))
        await bad.say(json.dumps([4, f"y{number}", "GenericError", "", {}]))
    assert (await bad.call("Heartbeat", {}))[0] == 3
    assert link.session.counters.dropped == 4000
    assert link.session.unfinished == 0


async def test_abuse_19_a_second_answer_to_one_call_changes_nothing(
    node: Running, bad: Visitor, station: str
) -> None:
    asked = asyncio.create_task(node.post(f"/stations/{station}/calls/ClearCache"))
    call = await bad.hear()
    await bad.say(json.dumps([3, call[1], {"status": "Rejected"}]))
    await bad.say(json.dumps([3, call[1], {"status": "Accepted"}]))
    assert (await asked)["status"] == "Rejected"
    again = asyncio.create_task(node.post(f"/stations/{station}/calls/ClearCache"))
    call = await bad.hear()
    await bad.say(json.dumps([3, call[1], {"status": "Accepted"}]))
    assert (await again)["status"] == "Accepted"


async def test_abuse_19_an_answer_made_to_hurt_still_ends_the_call(
    node: Running, bad: Visitor, station: str
) -> None:
    """However deep it is nested: a call that never ended would keep its caller for ever."""

    async def ask(answer: str) -> str:
        asked = asyncio.create_task(node.post(f"/stations/{station}/calls/ClearCache"))
        call = await bad.hear()
        await bad.say(answer.replace("ID", call[1]))
        return str((await asyncio.wait_for(asked, 4))["result"])

    for depth in (*range(800, 1010, 10), 5000):
        deep = "[" * depth + "]" * depth
        error = f'[4,"ID","GenericError","",{{"KeyCode":{deep}}}]'
        assert await ask(error) in ("error", "malformed")
        result = f'[3,"ID",{{"status":"Accepted","KeyCode":{deep}}}]'
        assert await ask(result) in ("answered", "malformed")


async def test_abuse_19_names_that_a_station_invents_do_not_grow_the_metrics(
    node: Running, bad: Visitor
) -> None:
    for number in range(300):
        assert (await bad.call(f"Invented{number}", {}))[0] == 4
    metrics = (await node.client.get("/metrics")).text
    assert "Invented" not in metrics
    assert len(node.node.house.journal.counts) < 20


@pytest.mark.parametrize("version", ["ocpp2.0.1", "ocpp2.1"])
async def test_abuse_20_calls_before_an_accepted_boot(node: Running, version: str) -> None:
    await node.add_station("BAD")
    async with visiting(node, "BAD", version) as bad:
        for action, payload in (
            ("Heartbeat", {}),
            ("Authorize", {"idToken": {"idToken": "ADA", "type": "ISO14443"}}),
            ("MeterValues", {"evseId": 1, "meterValue": []}),
        ):
            refused = await bad.call(action, payload)
            assert refused[0] == 4
            assert refused[2] == "SecurityError"
        await bad.boot()
        assert (await bad.call("Heartbeat", {}))[0] == 3


def contents(directory: Path) -> list[bytes]:
    return [path.read_bytes() for path in directory.iterdir()]


async def test_abuse_30_no_secret_of_a_station_is_shown_anywhere(
    node: Running, station: str, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    canary = "CanaryCanaryCanary01"
    await node.post(f"/stations/{station}/password", {"password": canary})
    headers = {"Authorization": basic("BAD", canary)}
    async with visiting(node, "BAD", additional_headers=headers) as bad:
        await bad.boot()
        asked = asyncio.create_task(node.post(f"/stations/{station}/password/change"))
        call = await bad.hear()
        assert call[3]["key"] == "AuthorizationKey"
        fresh = call[3]["value"]  # the station itself has to be told
        known = {"key": "AuthorizationKey", "readonly": False, "value": canary}
        await bad.say(json.dumps([3, call[1], {"status": "Accepted"}]))
        await asked
        asked = asyncio.create_task(node.post(f"/stations/{station}/calls/GetConfiguration"))
        call = await bad.hear()
        await bad.say(json.dumps([3, call[1], {"configurationKey": [known]}]))
        await asked
        await bad.say(f'[2,"broken","DataTransfer",{{"key":"AuthorizationKey","value":"{canary}"]')
        assert (await bad.hear())[0] == 4
    shown = [capsys.readouterr().out, (await node.client.get("/metrics")).text]
    for path in (f"/stations/{station}", f"/stations/{station}/messages", "/anomalies"):
        shown.append(json.dumps(await node.get(path)))
    shown += [
        (await node.client.get(f"/api/v1/messages/{row['id']}")).text
        for row in (await node.get(f"/stations/{station}/messages", limit=100))["items"]
    ]
    assert all(secret not in text for text in shown for secret in (canary, fresh))
    await node.node.store.close()
    kept = contents(tmp_path)
    assert all(secret.encode() not in one for one in kept for secret in (canary, fresh))


async def test_abuse_33_absurd_telemetry_is_kept_and_breaks_nothing(
    node: Running, bad: Visitor
) -> None:
    for evse, value in enumerate(["-5", "900", "1e308", "NaN", "not a number"], 1):
        begun = (await bad.start(wh=1000, connectorId=evse))["transactionId"]
        sampled = [
            {"value": value, "measurand": "SoC", "unit": "Percent"},
            {"value": value, "measurand": "Power.Active.Import", "unit": "W"},
            {"value": "2000"},
        ]
        values = {
            "connectorId": evse,
            "transactionId": begun,
            "meterValue": [{"timestamp": now(), "sampledValue": sampled}],
        }
        assert await bad.ask("MeterValues", values) == {}
        row = await only(node, state="active")
        assert row["energy_wh"] == 1000
        await bad.stop(begun, 3000)
        assert (await node.get(f"/transactions/{row['id']}"))["energy_wh"] == 2000
