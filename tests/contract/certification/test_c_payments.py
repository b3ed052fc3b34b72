"""C17 to C25 (2.1): prepaid tokens, payment terminals, kiosks, QR codes, settlements."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest_asyncio

from tests.contract.certification.paying import (
    AN_HOUR_AGO,
    half_a_euro,
    limited,
    metered,
    opened,
    paid,
)
from tests.contract.certification.test_c_authorization import Session, authorize, id_token
from tests.support.rig import Rig, ScriptedStation, case, now


@case("TC_C_103_CSMS")
async def test_a_prepaid_token_with_credit(rig: Rig) -> None:
    station = await limited(rig)
    card = await rig.token(credit="20", currency="EUR")
    info = await authorize(station, card)
    assert info["status"] == "Accepted"  # C17.FR.01
    told = datetime.fromisoformat(info["cacheExpiryDateTime"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=10)
    session = Session(station)
    answer = await session.tell("Started", "Authorized", id_token(card))
    assert answer["idTokenInfo"]["status"] == "Accepted"
    assert answer["transactionLimit"] == {"maxCost": 20}  # C17.FR.03
    again = await session.tell("Updated", "ChargingStateChanged", chargingState="Charging")
    assert "transactionLimit" not in again
    assert "transactionLimit" not in await session.tell("Updated", "StopAuthorized", id_token(card))


@case("TC_C_104_CSMS")
async def test_a_prepaid_token_without_credit(rig: Rig) -> None:
    station = await limited(rig)
    card = await rig.token(credit="0")
    info = await authorize(station, card)
    assert info["status"] == "NoCredit"  # C17.FR.02
    told = datetime.fromisoformat(info["cacheExpiryDateTime"])
    assert abs(told - datetime.now(UTC)) < timedelta(seconds=10)
    found = (await rig.get("/tokens", search=card))["items"][0]
    await rig.post(f"/tokens/{found['id']}/top-up", {"amount": "5.50"})
    assert (await authorize(station, card))["status"] == "Accepted"


@case("TC_C_108_CSMS")
async def test_a_vat_number_is_validated(rig: Rig) -> None:
    station = await rig.station("2.1")
    good = await station.call("VatNumberValidation", {"vatNumber": "DE136695976", "evseId": 2})
    assert (good["status"], good["evseId"]) == ("Accepted", 2)  # C18.FR.10
    assert good["vatNumber"] == "DE136695976"
    bad = await station.call("VatNumberValidation", {"vatNumber": "DE136695978"})
    assert (bad["status"], bad["statusInfo"]["reasonCode"]) == ("Rejected", "WrongCheckDigit")
    assert "evseId" not in bad


async def test_a_payment_of_the_stations_terminal_may_charge_and_is_not_cached(rig: Rig) -> None:
    station = await rig.station("2.1")
    info = await authorize(station, "psp-4711", "DirectPayment")
    assert info["status"] == "Accepted"
    assert "cacheExpiryDateTime" in info
    assert (await Session(station).charge(id_token("psp-4712", "DirectPayment")))[
        "status"
    ] == "Accepted"


@case("TC_C_113_CSMS")
async def test_a_payment_that_is_cancelled_after_the_start_costs_nothing(rig: Rig) -> None:
    station = await rig.station("2.1")
    payment = id_token(f"psp-{station.identity}", "DirectPayment")
    for trigger in ("StopAuthorized", "EVConnectTimeout"):
        session = Session(station)
        begun = await metered(session, "Started", "Authorized", 1000, token=payment)
        assert "totalCost" not in begun  # no tariff applies
        answer = await metered(session, "Ended", trigger, 1000, stoppedReason="Local")
        assert answer["totalCost"] == 0  # C20.FR.03
        told = await settled(station, session, "Canceled", amount=0)
        assert told == {}
    found = await rig.get("/settlements", station=station.id)
    assert [s["status"] for s in found["items"]] == ["Canceled", "Canceled"]


async def settled(
    station: ScriptedStation,
    session: Session,
    status: str,
    amount: float = 7.5,
    **more: Any,
) -> dict[str, Any]:
    """NotifySettlement."""
    body = {
        "transactionId": session.key,
        "pspRef": f"psp-{session.key}",
        "status": status,
        "settlementAmount": amount,
        "settlementTime": now(),
        **more,
    }
    return await station.call("NotifySettlement", body)


async def paid_session(station: ScriptedStation) -> Session:
    session = Session(station)
    token = id_token(f"psp-{session.key}", "DirectPayment")
    await metered(session, "Started", "Authorized", 1000, token=token, at=AN_HOUR_AGO)
    await metered(session, "Ended", "EVDeparted", 16000, stoppedReason="EVDisconnected")
    return session


@case("TC_C_118_CSMS")
async def test_a_settlement_by_the_station_gets_a_receipt_of_ours(rig: Rig) -> None:
    station = await rig.station("2.1")
    session = await paid_session(station)
    company = {"name": "Ada GmbH", "address1": "Weg 1", "city": "Bonn", "country": "DE"}
    at = now()
    told = {"settlementTime": at, "vatNumber": "DE136695976", "vatCompany": company}
    answer = await settled(station, session, "Settled", **told)
    assert answer["receiptUrl"].startswith("http")  # C21.FR.03
    assert await settled(station, session, "Settled", **told) == answer, "told again"
    found = await rig.get("/settlements", station=station.id)
    (kept,) = found["items"]
    assert (kept["status"], kept["by"], kept["amount"]) == ("Settled", "station", "7.5")
    transaction = await rig.get(f"/transactions/{kept['transaction']}")
    assert transaction["reference"] == session.key
    page = await opened(rig, answer["receiptUrl"])
    assert "7.50" in page.text
    assert "Ada GmbH" in page.text


async def test_a_receipt_of_the_station_stays_its_own(rig: Rig) -> None:
    station = await rig.station("2.1")
    session = await paid_session(station)
    answer = await settled(
        station, session, "Settled", receiptUrl="https://psp.example/1", receiptId="R-1"
    )
    assert answer == {}
    (kept,) = (await rig.get("/settlements", station=station.id))["items"]
    assert (kept["receipt_url"], kept["receipt_id"]) == ("https://psp.example/1", "R-1")


@case("TC_C_119_CSMS", "TC_C_120_CSMS")
async def test_a_settlement_that_fails_is_shown_to_the_operator(rig: Rig) -> None:
    station = await rig.station("2.1")
    for status in ("Failed", "Rejected"):
        session = await paid_session(station)
        assert await settled(station, session, status, statusInfo="card declined") == {}
    found = await rig.get("/settlements", station=station.id)
    assert [s["status"] for s in found["items"]] == ["Rejected", "Failed"]
    assert found["items"][0]["info"] == "card declined"
    odd = await rig.get("/anomalies", station=station.id, kind="payment-not-settled")
    assert len(odd["items"]) == 2


# --- with a provider ----------------------------------------------------------------------------------------------


@pytest_asyncio.fixture(loop_scope="session")
async def shop(own_rig: Any) -> AsyncIterator[Rig]:
    """A node with the built-in payment provider."""
    async with own_rig(payment_provider="manual") as rig:
        yield rig


@case("TC_C_117_CSMS")
async def test_a_terminal_whose_payments_the_csms_settles(shop: Rig) -> None:
    station = await shop.station("2.1")
    report = {
        "requestId": 1,
        "generatedAt": now(),
        "seqNo": 0,
        "reportData": [
            {
                "component": {"name": "PaymentCtrlr"},
                "variable": {"name": "SettlementByCSMS"},
                "variableAttribute": [{"value": "true"}],
                "variableCharacteristics": {"dataType": "boolean", "supportsMonitoring": False},
            }
        ],
    }
    await station.call("NotifyReport", report)
    await half_a_euro(shop)
    session = await paid_session(station)
    await paid(shop, f"psp-{session.key}")  # C21.FR.05
    (kept,) = (await shop.get("/settlements", station=station.id))["items"]
    assert (kept["by"], kept["status"]) == ("csms", "Settled")
    assert Decimal(kept["amount"]) == Decimal("7.5")


@case("TC_C_125_CSMS", "TC_C_126_CSMS")
async def test_a_kiosk_starts_a_transaction_with_its_payments_reference(shop: Rig) -> None:
    await half_a_euro(shop)
    station = await limited(shop)
    for reference, local in (("kiosk-central", False), ("kiosk-local", True)):
        station.answers("RequestStartTransaction", {"status": "Accepted"})
        started = await shop.post(
            "/payments",
            {
                "station": station.identity,
                "evse": 1,
                "psp_ref": reference,
                "amount": "25",
                "currency": "EUR",
            },
        )
        assert started["accepted"] is True
        asked = station.asked("RequestStartTransaction")[-1]
        assert asked["evseId"] == 1  # C24.FR.01
        assert asked["idToken"] == {"idToken": reference, "type": "DirectPayment"}
        session = Session(station)
        answer = await metered(
            session,
            "Started",
            "RemoteStart",
            1000,
            token=id_token(reference, "DirectPayment"),
            at=AN_HOUR_AGO,
            remoteStartId=asked["remoteStartId"],
        )
        assert answer["idTokenInfo"]["status"] == "Accepted"
        assert answer["transactionLimit"] == {"maxCost": 25}  # C24.FR.02
        assert (await paid(shop, reference, "charging"))["transaction"]
        answer = await metered(session, "Ended", "EVDeparted", 11000, stoppedReason="Local")
        assert local or answer["totalCost"] == 5
        done = await paid(shop, reference)  # C24.FR.10
        assert Decimal(done["cost"]) == 5
    found = await shop.get("/settlements", station=station.id)
    assert {(s["by"], s["amount"]) for s in found["items"]} == {("csms", "5.00")}
    page = await opened(shop, f"/receipts/1.{found['items'][0]['receipt_key']}")  # C24.FR.11
    assert page.status_code == 200


async def test_prepaid_credit_is_drawn_at_the_end(shop: Rig) -> None:
    await half_a_euro(shop)
    station = await limited(shop)
    card = await shop.token(credit="20")
    session = Session(station)
    await metered(session, "Started", "Authorized", 1000, token=id_token(card), at=AN_HOUR_AGO)
    await metered(session, "Ended", "EVDeparted", 11000, stoppedReason="EVDisconnected")
    left = (await shop.get("/tokens", search=card))["items"][0]
    assert Decimal(left["credit"]) == 15
    (kept,) = (await shop.get("/settlements", station=station.id))["items"]
    assert (kept["by"], kept["psp_ref"]) == ("prepaid", card)
