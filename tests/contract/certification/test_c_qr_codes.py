"""C25 (2.1): QR codes that lead to a page, where drivers pay before a transaction is started for them."""

from __future__ import annotations

import re
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest_asyncio

from releve.domain.totp import interval_at, totp
from tests.contract.certification.paying import half_a_euro, limited, metered, opened, paid
from tests.contract.certification.test_c_authorization import Session
from tests.support.rig import Rig, ScriptedStation, case


@pytest_asyncio.fixture(loop_scope="session")
async def shop(own_rig: Any) -> AsyncIterator[Rig]:
    """A node with the built-in payment provider."""
    async with own_rig(payment_provider="manual") as rig:
        yield rig


class Display:
    """The station's side of dynamic QR codes: what it was told, and the addresses that it makes."""

    def __init__(self, station: ScriptedStation) -> None:
        self.identity = station.identity
        self.told: dict[str, str] = {}
        station.answers("SetVariables", self.take)

    def take(self, request: dict[str, Any]) -> dict[str, Any]:
        results = []
        for one in request["setVariableData"]:
            assert one["component"]["name"] == "WebPaymentsCtrlr"
            self.told[one["variable"]["name"]] = one["attributeValue"]
            results.append(
                {
                    "attributeStatus": "Accepted",
                    "component": one["component"],
                    "variable": one["variable"],
                }
            )
        return {"setVariableResult": results}

    def url(self, evse: int = 1, ago_s: float = 0, **query: str) -> str:
        at = datetime.now(UTC) - timedelta(seconds=ago_s)
        interval = interval_at(at, int(self.told["ValidityTime"]))
        password = totp(self.told["SharedSecret"], interval, int(self.told["Length"]))
        made = (
            self.told["URLTemplate"]
            .replace("{chargingstationid}", self.identity)
            .replace("{evse}", str(evse))
            .replace("{totp}", password)
            .replace("{version}", self.told["TOTPVersion"])
        )
        return made + ("?" + "&".join(f"{k}={v}" for k, v in query.items()) if query else "")


async def with_codes(rig: Rig) -> tuple[ScriptedStation, Display]:
    station = await limited(rig)
    await station.status("Available", evse=1)
    station.answers("NotifyWebPaymentStarted", {})
    station.answers("RequestStartTransaction", {"status": "Accepted"})
    display = Display(station)
    result = await rig.put(f"/stations/{station.id}/web-payments", {"amount": "30"})
    assert result["accepted"] is True
    assert display.told["TOTPVersion"] == "v1"
    return station, display


@case("TC_C_131_CSMS")
async def test_a_qr_code_leads_to_a_payment_and_the_payment_to_a_start(shop: Rig) -> None:
    station, display = await with_codes(shop)
    url = display.url(evse=1, maxenergy="20000", maxtime="3600", maxcost="12", colour="red")
    there = await opened(shop, url)  # C25.FR.07, C25.FR.09, C25.FR.59, C25.FR.60
    assert there.status_code == 303  # C25.FR.20
    (noted,) = station.asked("NotifyWebPaymentStarted")  # C25.FR.21
    assert noted["evseId"] == 1
    assert noted["timeout"] > 0
    page = await opened(shop, there.headers["location"])
    assert "30" in page.text
    assert station.asked("RequestStartTransaction") == []
    done = await opened(shop, there.headers["location"] + "/authorize", method="POST")
    assert done.status_code == 303
    (asked,) = station.asked("RequestStartTransaction")  # C25.FR.23
    assert (asked["evseId"], asked["idToken"]["type"]) == (1, "DirectPayment")
    reference = asked["idToken"]["idToken"]
    session = Session(station)
    answer = await metered(
        session,
        "Started",
        "RemoteStart",
        0,
        token=asked["idToken"],
        remoteStartId=asked["remoteStartId"],
    )
    limit = {"maxCost": 12, "maxEnergy": 20000, "maxTime": 3600}
    assert answer["transactionLimit"] == limit  # C25.FR.24
    await half_a_euro(shop)
    await metered(session, "Ended", "EVDeparted", 0, stoppedReason="Local")
    await paid(shop, reference, "canceled")  # C25.FR.40: nothing was delivered, all is given back
    page = await opened(shop, there.headers["location"])
    assert "Nothing was charged" in page.text


@case("TC_C_132_CSMS")
async def test_a_qr_code_with_wrong_parameters_starts_nothing(shop: Rig) -> None:
    station, display = await with_codes(shop)
    good = display.url(evse=1)
    for url in (
        display.url(evse=7),
        good.replace(station.identity, "NO-SUCH-STATION"),
        display.url(evse=1, maxenergy="-5"),
        display.url(evse=1, maxtime="soon"),
        good.replace("/v1", "/v9"),
    ):
        there = await opened(shop, url)
        assert there.status_code == 403, url  # C25.FR.08
    assert station.asked("NotifyWebPaymentStarted") == []
    assert station.asked("RequestStartTransaction") == []
    assert (await shop.get("/payments"))["items"] == []


@case("TC_C_133_CSMS")
async def test_a_qr_code_with_a_wrong_password_starts_nothing(shop: Rig) -> None:
    station, display = await with_codes(shop)
    validity = int(display.told["ValidityTime"])
    for url in (
        display.url(evse=1, ago_s=10 * validity),
        re.sub(r"/[^/]+/v1$", "/aHicux89aaaa/v1", display.url(evse=1)),
    ):
        there = await opened(shop, url)
        assert there.status_code == 403  # C25.FR.08
        assert "no longer valid" in there.text
    late = await opened(shop, display.url(evse=1, ago_s=validity))  # the interval before is good
    assert late.status_code == 303
    assert len(station.asked("NotifyWebPaymentStarted")) == 1
    assert station.asked("RequestStartTransaction") == []
