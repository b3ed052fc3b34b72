"""What a simulated station does about master passes, prepaid cards and payments."""

from __future__ import annotations

import pytest

from releve.simulator import terminal

NOW_OVER = "2020-01-01T00:00:00Z"


async def test_a_master_pass_stops_everything_and_starts_nothing(csms, switch_on):
    station = await switch_on(csms, "2.0.1")
    station.station.behaviour.master_group = "POLICE"
    await station.start(evse=1, token="ADA")
    await station.start(evse=2, token="BOB")
    group = {"idToken": "police", "type": "Central"}
    csms.replies["Authorize"] = lambda _: {
        "idTokenInfo": {"status": "Accepted", "groupIdToken": group}
    }
    assert await station.present_token("CHIEF", 1)
    await station.delivered()
    ended = [e for e in csms.sent("TransactionEvent") if e["eventType"] == "Ended"]
    assert {e["transactionInfo"]["stoppedReason"] for e in ended} == {"MasterPass"}
    assert {e["idToken"]["idToken"] for e in ended} == {"CHIEF"}
    assert len(ended) == 2
    assert not await station.present_token("CHIEF", 1), "nothing to stop, and nothing begins"


async def test_a_prepaid_card_is_asked_about_each_time(csms, switch_on):
    station = await switch_on(csms, "2.1")
    info = {"status": "Accepted", "cacheExpiryDateTime": NOW_OVER}
    csms.replies["Authorize"] = lambda _: {"idTokenInfo": info}
    station.plug_in()
    assert await station.present_token("PREPAID", 1)
    assert len(csms.sent("Authorize")) == 1


@pytest.mark.parametrize("status", ["Settled", "Failed"])
async def test_a_terminal_tells_what_it_has_settled(csms, switch_on, status):
    station = await switch_on(csms, "2.1")
    csms.replies["NotifySettlement"] = lambda _: {"receiptUrl": "https://receipts.example/1"}
    url = await terminal.settle(station.station, "psp-1", None, 7.5, status, "DE136695976")
    assert url == "https://receipts.example/1"
    (told,) = csms.sent("NotifySettlement")
    assert (told["pspRef"], told["status"], told["settlementAmount"]) == ("psp-1", status, 7.5)


async def test_the_display_says_that_somebody_pays(csms, switch_on):
    station = await switch_on(csms, "2.1")
    assert await csms.call("NotifyWebPaymentStarted", {"evseId": 1, "timeout": 60}) == {}
    await station.wait_for("web-payment")


async def test_codes_for_payments_are_set_up_in_2_1_only(csms, switch_on):
    station = await switch_on(csms, "2.1")
    values = {
        "URLTemplate": "https://csms.example/pay/{chargingstationid}/{evse}/{totp}/{version}",
        "TOTPVersion": "v1",
        "ValidityTime": "60",
        "Length": "12",
        "SharedSecret": "s" * 32,
        "Enabled": "true",
    }

    def wanted(**more: str) -> dict:
        return {
            "setVariableData": [
                {
                    "component": {"name": "WebPaymentsCtrlr"},
                    "variable": {"name": name},
                    "attributeValue": value,
                }
                for name, value in {**values, **more}.items()
            ]
        }

    answer = await csms.call("SetVariables", wanted())
    assert {r["attributeStatus"] for r in answer["setVariableResult"]} == {"Accepted"}
    behaviour = station.station.behaviour
    assert behaviour.web_payments
    assert behaviour.web_payments_url == values["URLTemplate"]
    told = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": "SharedSecret"}}
    read = await csms.call("GetVariables", {"getVariableData": [told]})
    assert "attributeValue" not in read["getVariableResult"][0]
    answer = await csms.call("SetVariables", wanted(Length="3"))
    assert [r["attributeStatus"] for r in answer["setVariableResult"]].count("Rejected") == 1


async def test_older_stations_know_nothing_of_such_codes(csms, switch_on):
    await switch_on(csms, "2.0.1")
    asked = {"component": {"name": "WebPaymentsCtrlr"}, "variable": {"name": "Enabled"}}
    read = await csms.call("GetVariables", {"getVariableData": [asked]})
    assert read["getVariableResult"][0]["attributeStatus"] == "UnknownComponent"
