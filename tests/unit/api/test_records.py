"""Transactions, tokens, anomalies, messages and the summary over HTTP."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import msgspec
import pytest

from releve.domain.anomaly import AnomalyKind
from tests.support.stores import NOW, anomaly, exchange, fact, sample, transaction
from tests.unit.api.api_kit import House


async def charged(house: House) -> Any:
    """A station with two transactions, one of them held."""
    station = await house.add_station()
    old = transaction(
        station.id, "old", token="BOB", state="ended", started_at=NOW - timedelta(days=1)
    )
    row = transaction(station.id, "tx-1", token="ADA", evse=2, energy_wh=1500.0, held=True)

    def fill(work: Any) -> None:
        work.transactions.add(old)
        work.transactions.add(row)
        work.transactions.add_fact(fact(row, 0, raw='{"eventType":"Started"}'))
        work.transactions.add_fact(fact(row, 1, "e"))
        for minute in range(4):
            at = NOW + timedelta(minutes=minute)
            work.samples.add(station.id, 2, row.id, sample(at, 1000.0 + minute), NOW, minute)

    await house.write(fill)
    return station, row, old


async def test_transactions_are_found_by_what_they_are(house: House):
    station, row, _ = await charged(house)

    async def found(**wanted: Any) -> list[str]:
        return [t["reference"] for t in (await house.get("/transactions", **wanted))["items"]]

    assert await found() == ["tx-1", "old"]
    assert await found(state="active") == ["tx-1"]
    assert await found(held="true") == ["tx-1"]
    assert await found(token="bob") == ["old"]
    assert await found(evse=2) == ["tx-1"]
    assert await found(station="CP-1", limit=1) == ["tx-1"]
    assert await found(since="2026-03-01T00:00:00Z") == ["tx-1"]
    assert await found(until="2026-03-01T01:00:00+01:00") == ["old"]
    assert await found(search="old") == ["old"]
    assert (await house.client.get("/api/v1/transactions?station=NONE")).status_code == 404
    one = await house.get(f"/transactions/{row.id}")
    assert (one["id"], one["station"], one["energy_wh"]) == (str(row.id), str(station.id), 1500)


async def test_a_transaction_shows_its_facts_and_its_series(house: House):
    _, row, old = await charged(house)
    facts = (await house.get(f"/transactions/{row.id}/facts"))["items"]
    assert [f["seq_no"] for f in facts] == [0, 1]
    assert facts[0]["payload"] == {"eventType": "Started"}
    series = await house.get(f"/transactions/{row.id}/series")
    assert [p["energy_wh"] for p in series["items"]] == [1000, 1001, 1002, 1003]
    assert series["items"][0]["readings"] == []
    thin = await house.get(f"/transactions/{row.id}/series", limit=2, readings="true")
    assert [p["energy_wh"] for p in thin["items"]] == [1000, 1003]
    assert {r["measurand"] for r in thin["items"][0]["readings"]} >= {"Power.Active.Import"}
    assert await house.get(f"/transactions/{old.id}/series") == {"items": []}
    for part in ("", "/facts", "/series"):
        assert (await house.client.get(f"/api/v1/transactions/77{part}")).status_code == 404


async def test_a_token_is_registered_changed_and_forgotten(house: House):
    new = {"value": "ADA", "label": "Ada's card", "expires_at": "2027-01-01T00:00:00+01:00"}
    answer = await house.client.post("/api/v1/tokens", json=new)
    assert answer.status_code == 201
    path = answer.headers["location"]
    assert answer.json()["expires_at"] == "2026-12-31T23:00:00Z"
    again = await house.client.post("/api/v1/tokens", json={"value": "ada"})
    assert again.status_code == 409
    assert again.json()["errors"] == [{"field": "value", "message": again.json()["detail"]}]
    changed = await house.client.patch(path, json={"blocked": True, "expires_at": None})
    assert (changed.json()["blocked"], changed.json()["expires_at"]) == (True, None)
    assert changed.json()["label"] == "Ada's card"
    untouched = await house.client.patch(path, json={})
    assert untouched.json() == changed.json()
    assert (await house.get("/tokens", search="card"))["items"] == [changed.json()]
    assert (await house.client.delete(path)).status_code == 204
    assert (await house.client.get(path)).status_code == 404
    assert (await house.client.delete(path)).status_code == 404


@pytest.mark.parametrize(
    ("new", "field"),
    [
        ({"value": ""}, "value"),
        ({"value": "a" * 256}, "value"),
        ({"value": "a\u0000b"}, "value"),
        ({"value": "A", "type": "Card with blanks"}, "type"),
        ({"value": "A", "type": ""}, "type"),
        ({"value": "A", "credit": "a lot"}, "credit"),
        ({"value": "A", "credit": "5", "concurrent": True}, "concurrent"),
        ({"value": "A", "priority": 10}, "priority"),
        ({"value": "A", "language": "français"}, "language"),
        ({"value": "A", "language2": "fr"}, "language2"),
        ({"value": "A", "places": ["CP 1"]}, "places"),
        ({"value": "A", "group": "g" * 37}, "group"),
        ({"value": "A", "expires_at": "2027-01-01T00:00:00"}, "expires_at"),
        ({"value": "A", "expires_at": "soon"}, "expires_at"),
        ({"value": "A", "blocked": "maybe"}, "blocked"),
        ({"value": "A", "colour": "red"}, "colour"),
        ({}, "value"),
    ],
)
async def test_what_a_token_cannot_be_is_said_by_field(house: House, new, field):
    answer = await house.client.post("/api/v1/tokens", json=new)
    assert answer.status_code == 422
    assert [e["field"] for e in answer.json()["errors"]] == [field]
    assert answer.json()["errors"][0]["message"]
    assert (await house.get("/tokens"))["items"] == []


async def test_an_anomaly_is_resolved_by_a_person(house: House):
    station, row, _ = await charged(house)
    odd = anomaly(station.id, kind=AnomalyKind.METER_WENT_BACK, transaction=row.id)
    await house.write(lambda work: work.anomalies.add(odd))
    (seen,) = (await house.get("/anomalies", station="CP-1", kind="meter-went-back"))["items"]
    assert (seen["id"], seen["transaction"]) == (str(odd.id), str(row.id))
    assert (await house.get("/anomalies", kind="meter-gap"))["items"] == []
    assert (await house.get("/anomalies", transaction=str(row.id)))["items"] == [seen]
    done = await house.post(f"/anomalies/{odd.id}/resolve", {"note": "meter replaced"})
    assert done == {"id": str(odd.id), "resolved_by": "key admin", "note": "meter replaced"}
    assert (await house.get("/anomalies"))["items"] == []
    (kept,) = (await house.get("/anomalies", resolved="true"))["items"]
    assert (kept["resolved_by"], kept["note"]) == ("key admin", "meter replaced")
    assert len((await house.get("/anomalies", resolved="any"))["items"]) == 1
    assert (await house.get(f"/transactions/{row.id}"))["held"] is False
    again = await house.client.post(f"/api/v1/anomalies/{odd.id}/resolve")
    assert again.status_code == 409
    for none in ("77", "x", "9" * 30):
        assert (await house.client.post(f"/api/v1/anomalies/{none}/resolve")).status_code == 404


async def test_the_message_log_is_searched(house: House):
    station = await house.add_station()
    house.store.log(exchange(station.id))
    house.store.log(
        exchange(
            station.id,
            action="Authorize",
            request='{"idTag":"ADA"}',
            outcome="error",
            at=NOW + timedelta(hours=1),
        )
    )
    await house.add_station("CP-2")  # the log rides with a commit

    async def found(**wanted: Any) -> list[str]:
        return [
            m["action"] for m in (await house.get("/stations/CP-1/messages", **wanted))["items"]
        ]

    assert await found() == ["Authorize", "Heartbeat"]
    assert await found(action="Heartbeat") == ["Heartbeat"]
    assert await found(outcome="error") == ["Authorize"]
    assert await found(search="idTag") == ["Authorize"]
    assert await found(until="2026-03-01T12:30:00Z") == ["Heartbeat"]
    assert await found(since="2026-03-01T12:30:00Z") == ["Authorize"]
    (one,) = (await house.get("/stations/CP-1/messages", action="Authorize"))["items"]
    assert await house.get(f"/messages/{one['id']}") == one
    assert msgspec.json.decode(one["request"]) == {"idTag": "ADA"}
    assert (await house.client.get("/api/v1/messages/77")).status_code == 404


async def test_the_summary_counts(house: House):
    await charged(house)
    summary = await house.get("/summary")
    assert (summary["stations"], summary["charging"]) == (1, 1)


async def test_lists_page_to_their_end_without_gap_or_repeat(house: House):
    for number in range(7):
        await house.post("/tokens", {"value": f"T{number}"}, 201)
    seen, after = [], {}
    while True:
        page = await house.get("/tokens", limit=3, **after)
        seen += [t["value"] for t in page["items"]]
        if page["next"] is None:
            break
        after = {"after": page["next"]}
    assert seen == [f"T{n}" for n in range(7)]
    broken = await house.client.get("/api/v1/tokens?after=nonsense")
    assert broken.status_code == 422
    assert broken.json()["errors"][0]["field"] == "after"


async def test_the_link_to_the_next_page_keeps_the_filters(house: House):
    for number in range(3):
        await house.post("/tokens", {"value": f"T{number}", "label": "é&="}, 201)
    first = await house.client.get("/api/v1/tokens", params={"search": "é&=", "limit": 2})
    link = first.headers["link"]
    second = await house.client.get(link[1 : link.index(">")])
    assert [t["value"] for t in second.json()["items"]] == ["T2"]
