"""The list of transactions, its file, one transaction."""

from __future__ import annotations

import csv
import io
import re
from decimal import Decimal

import pytest
from msgspec.structs import replace

from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import Outcome, RequestStop, Result
from releve.domain.ids import DEFAULT_OPERATOR, SettlementId, TransactionId
from releve.domain.payment import SettledBy, Settlement, SettlementStatus

from .conftest import read


@pytest.fixture
async def charged(console):
    """An ended and an active transaction; their ids."""
    inbound = await console.connected("CP-1", name="North")
    ended = await console.charged(inbound, token="ADA")
    active = await console.charged(inbound, ended=False, token="BOB")
    return ended, active


async def test_no_transaction_yet_is_said(vera):
    assert "No transaction yet" in read(await vera.get("/transactions"))


async def test_the_list_is_filtered(vera, charged):
    ended, active = charged
    for query, found in [
        ("", {ended, active}),
        ("state=active", {active}),
        ("token=ADA", {ended}),
        ("station=CP-1", {ended, active}),
        ("station=CP-2", set()),
        ("since=2020-01-01", {ended, active}),
        ("until=2020-01-01", set()),
        ("search=bob", {active}),
    ]:
        part = await vera.part(f"/transactions?{query}")
        assert set(re.findall(r'<tr id="transaction-(\d+)"', part.text)) == found, query
    assert "This is not a date." in read(await vera.get("/transactions?since=soon"))


async def test_the_file_has_all_of_them_and_no_formula(vera, console):
    inbound = await console.connected("=CMD()")
    await console.charged(inbound, token="@SUM(1)")
    answer = await vera.get("/transactions.csv")
    assert answer.headers["content-disposition"].startswith("attachment")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert len(rows) == 1
    assert rows[0]["identity"] == "'=CMD()"
    assert rows[0]["token"] == "'@SUM(1)"
    assert float(rows[0]["energy_wh"]) == 5600
    assert rows[0]["started_at"].endswith("Z")


async def test_one_transaction_has_all_its_facts(vera, charged):
    ended, _ = charged
    text = read(await vera.get(f"/transactions/{ended}")).replace("\u00a0", " ")
    for words in (
        "5.60 kWh",
        "30 min",
        "1.000 kWh",
        "6.600 kWh",
        "EVDisconnected",
        "ADA",
        "North",
        "31 %",
    ):
        assert words in text, words
    assert "<b>x</b>" in text  # a payload, as text
    for part in ("facts", "timeline"):
        assert "<html" not in (await vera.part(f"/transactions/{ended}/{part}")).text


async def test_what_became_of_the_money_is_shown(vera, console, charged):
    ended, _ = charged
    page = await vera.get(f"/transactions/{ended}")
    assert 'id="settled"' not in page.text
    now = console.desk.clock.now()
    one = Settlement(
        id=SettlementId(1),
        operator=DEFAULT_OPERATOR,
        station=next(iter(console.stations.lives)),
        transaction=TransactionId(int(ended)),
        psp_ref="PSP-1",
        status=SettlementStatus.FAILED,
        by=SettledBy.STATION,
        amount=Decimal("12.5"),
        currency="EUR",
        settled_at=now,
        received_at=now,
        info="card expired <b>",
        receipt_url="javascript:alert(1)",
    )
    paid = replace(
        one,
        id=SettlementId(2),
        status=SettlementStatus.SETTLED,
        by=SettledBy.CSMS,
        receipt_url="",
        receipt_key="unguessable",
    )
    theirs = replace(one, id=SettlementId(3), receipt_url="https://psp.example/r/3")
    async with console.desk.services.store.work(DEFAULT_OPERATOR) as work:
        for settlement in (one, paid, theirs):
            work.payments.add_settlement(settlement)
    for path in (f"/transactions/{ended}", f"/transactions/{ended}/facts", "/settlements"):
        page = await vera.get(path)
        text = read(page).replace("\u00a0", " ")
        for words in ("12.50 EUR", "Failed", "card expired <b>", "PSP-1", "by this system"):
            assert words in text, words
        assert f'href="/receipts/{DEFAULT_OPERATOR}.unguessable"' in page.text
        assert 'href="https://psp.example/r/3"' in page.text
        assert "javascript:" not in page.text


async def test_its_chart_starts_at_zero(vera, charged):
    points = (await vera.get(f"/transactions/{charged[0]}/series.json")).json()["points"]
    assert len(points) == 12
    assert points[0][1:] == [0.0, 0.0, 20.0]
    assert points[-1][1:] == [5600.0, 0.0, 31.0]


async def test_an_active_one_can_be_stopped(olga, console, charged):
    _, active = charged
    dialog = await olga.part(f"/transactions/{active}/stop")
    assert "Ask North to end this transaction?" in read(dialog)
    answer = await olga.post(f"/transactions/{active}/stop")
    assert "The station accepted" in read(answer)
    assert console.stations.asked[-1][1] == RequestStop(reference="tx-BOB-False")
    console.stations.answers["RequestStop"] = Outcome(result=Result.TIMEOUT)
    assert "No answer in time" in read(await olga.post(f"/transactions/{active}/stop"))


async def test_an_ended_one_cannot(olga, charged):
    ended, _ = charged
    page = await olga.get(f"/transactions/{ended}")
    assert f'hx-get="/transactions/{ended}/stop"' not in page.text
    answer = await olga.post(f"/transactions/{ended}/stop")
    assert answer.status_code == 409
    assert "This transaction has ended already." in read(answer)


async def test_its_anomalies_are_resolved_with_a_note(olga, console, charged):
    ended, _ = charged
    page = await olga.get(f"/transactions/{ended}")
    assert "Energy was delivered for a token that is not accepted." in read(page)
    anomaly = re.search(r'hx-get="/anomalies/(\d+)/resolve"', page.text).group(1)
    assert (await olga.part(f"/anomalies/{anomaly}/resolve")).status_code == 200
    answer = await olga.post(f"/anomalies/{anomaly}/resolve", note="a guest <b>")
    assert answer.headers["hx-refresh"] == "true"
    text = read(await olga.get(f"/transactions/{ended}"))
    assert "Resolved by olga" in text
    assert "a guest <b>" in text
    again = await olga.post(f"/anomalies/{anomaly}/resolve")
    assert again.status_code == 409


async def test_all_anomalies_are_listed_by_kind_and_state(olga, console, charged):
    inbound = await console.connected("CP-2")
    await console.odd(inbound, AnomalyKind.METER_GAP)
    assert "Meter gap" in read(await olga.part("/anomalies"))
    assert "Meter gap" in read(await olga.part("/anomalies?kind=meter-gap"))
    assert "Meter gap" not in read(await olga.part("/anomalies?kind=clock-skew"))
    assert "Nothing odd" in read(await olga.part("/anomalies?resolved=yes"))
    assert "Meter gap" in read(await olga.part("/anomalies?resolved=all&after=rubbish"))
    assert (await olga.post("/anomalies/x/resolve")).status_code == 404
    assert (await olga.post("/anomalies/1/resolve")).status_code == 404


async def test_a_transaction_that_is_not_there(vera):
    answer = await vera.get("/transactions/1")
    assert answer.status_code == 404
    assert "There is no such transaction." in read(answer)
