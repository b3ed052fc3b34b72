"""Whole transactions over a real socket, in every version; all that is sent meets the official schemas."""

import pytest

from releve.simulator import CAR_MODELS, Behaviour, Car, ManualClock
from tests.unit.simulator.conftest import V2, VERSIONS
from tests.unit.simulator.csms import CallError


def events(csms, kind=None):
    found = csms.sent("TransactionEvent")
    return [each for each in found if kind in (None, each["eventType"])]


async def test_a_16_transaction_from_plug_to_unplug(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "1.6", clock=clock, register_wh=5000.0)
    station.plug_in()
    await station.present_token("ADA")
    for _ in range(3):
        await clock.advance(60)
        await station.delivered()
    await station.stop(token="ADA")
    station.unplug()
    await station.delivered()

    start = csms.sent("StartTransaction")[0]
    assert start["connectorId"] == 1
    assert (start["idTag"], start["meterStart"]) == ("ADA", 5000)
    samples = csms.sent("MeterValues")
    assert [each["transactionId"] for each in samples] == [1, 1, 1]
    stop = csms.sent("StopTransaction")[0]
    assert (stop["transactionId"], stop["idTag"]) == (1, "ADA")
    assert stop["meterStop"] == pytest.approx(5000 + 11_040 * 180 / 3600, abs=25)
    contexts = [value["sampledValue"][0].get("context") for value in stop["transactionData"]]
    assert contexts == ["Transaction.Begin", None, None, None, "Transaction.End"]  # None: periodic


async def test_16_statuses_follow_the_transaction(csms, switch_on):
    station = await switch_on(csms, "1.6")
    await station.start()
    await station.stop()
    station.unplug()
    await csms.wait_for("StatusNotification", 7)

    statuses = [(s["connectorId"], s["status"]) for s in csms.sent("StatusNotification")]
    assert statuses[:3] == [(0, "Available"), (1, "Available"), (2, "Available")]
    assert [status for connector, status in statuses[3:] if connector == 1] == [
        "Preparing",
        "Charging",
        "Finishing",
        "Available",
    ]


@pytest.mark.parametrize("version", V2)
async def test_a_2x_transaction_from_plug_to_unplug(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock)
    station.plug_in()
    await station.present_token("ADA")
    await clock.advance(60)
    await station.stop(token="ADA")
    station.unplug()
    await station.delivered()

    found = events(csms)
    assert [each["seqNo"] for each in found] == list(range(len(found)))
    assert len({each["transactionInfo"]["transactionId"] for each in found}) == 1
    assert [(each["eventType"], each["triggerReason"]) for each in found] == [
        ("Started", "Authorized"),
        ("Updated", "ChargingStateChanged"),
        ("Updated", "MeterValuePeriodic"),
        ("Ended", "StopAuthorized"),
    ]
    assert found[0]["idToken"] == {"idToken": "ADA", "type": "ISO14443"}
    assert found[0]["evse"] == {"id": 1, "connectorId": 1}
    assert found[1]["transactionInfo"]["chargingState"] == "Charging"
    assert found[1]["numberOfPhasesUsed"] == 3
    assert "idToken" not in found[2]  # once is enough
    assert found[3]["idToken"]["idToken"] == "ADA"
    assert found[3]["transactionInfo"]["stoppedReason"] == "Local"
    assert not any("offline" in each for each in found)


@pytest.mark.parametrize("version", V2)
async def test_2x_connectors_know_five_statuses_and_repeat_none(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start()
    await station.stop()
    station.unplug()
    await csms.wait_for("StatusNotification", 4)

    statuses = [s["connectorStatus"] for s in csms.sent("StatusNotification") if s["evseId"] == 1]
    assert statuses == ["Available", "Occupied", "Available"]


@pytest.mark.parametrize("version", VERSIONS)
async def test_authorised_before_plugging(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.present_token("ADA")
    assert station.evse().transaction is None
    station.plug_in()
    await station.wait_for("transaction-started")


@pytest.mark.parametrize("version", VERSIONS)
async def test_nobody_plugs_in_within_the_time(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock)
    await station.present_token("ADA")
    await clock.advance(61)
    await station.wait_for("timeout")
    station.plug_in()
    assert station.evse().transaction is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_refused_token_does_not_charge(csms, switch_on, version):
    info = "idTagInfo" if version == "1.6" else "idTokenInfo"
    csms.replies["Authorize"] = lambda _: {info: {"status": "Blocked"}}
    station = await switch_on(csms, version)
    station.plug_in()

    assert not await station.present_token("EVE")
    assert station.evse().transaction is None


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_token_refused_at_the_start_ends_the_transaction(csms, switch_on, version):
    refused = {"status": "Invalid"}
    csms.replies["StartTransaction"] = lambda _: {"transactionId": 5, "idTagInfo": refused}
    csms.replies["TransactionEvent"] = lambda event: (
        {"idTokenInfo": refused} if "idToken" in event else {}
    )
    station = await switch_on(csms, version)
    await station.start()
    ended = await station.wait_for("transaction-ended")
    await station.delivered()

    assert ended.data["reason"] == "DeAuthorized"
    if version == "1.6":
        assert csms.sent("StopTransaction")[0]["reason"] == "DeAuthorized"
    else:
        assert events(csms, "Ended")[0]["triggerReason"] == "Deauthorized"


@pytest.mark.parametrize("version", VERSIONS)
async def test_another_token_stops_only_within_the_group(csms, switch_on, version):
    def info(payload):
        token = payload.get("idTag") or payload["idToken"]["idToken"]
        group = "FAMILY" if token in ("ADA", "BOB") else "OTHERS"
        if version == "1.6":
            return {"idTagInfo": {"status": "Accepted", "parentIdTag": group}}
        return {
            "idTokenInfo": {
                "status": "Accepted",
                "groupIdToken": {"idToken": group, "type": "Central"},
            }
        }

    csms.replies["Authorize"] = info
    csms.replies["StartTransaction"] = lambda p: {"transactionId": 1, **info(p)}
    csms.replies["TransactionEvent"] = lambda p: info(p) if "idToken" in p else {}
    station = await switch_on(csms, version)
    await station.start(token="ADA")

    assert not await station.stop(token="EVE")
    assert await station.stop(token="BOB")


@pytest.mark.parametrize("version", VERSIONS)
async def test_pulling_the_plug_ends_the_transaction(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start()
    station.unplug()
    await station.delivered()

    if version == "1.6":
        assert csms.sent("StopTransaction")[0]["reason"] == "EVDisconnected"
    else:
        ended = events(csms, "Ended")[0]
        assert ended["triggerReason"] == "EVCommunicationLost"
        assert ended["transactionInfo"]["stoppedReason"] == "EVDisconnected"


async def test_a_full_car_is_suspended_by_itself(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "1.6", clock=clock)
    await station.start(car=Car(CAR_MODELS["family"], 0.999, target_soc=1.0))
    await station.wait_for("charging-state", lambda h: "Charging" in h.text)
    await clock.advance(600)
    await station.wait_for("charging-state", lambda h: "SuspendedEV" in h.text)


@pytest.mark.parametrize("version", V2)
async def test_a_transaction_that_begins_with_the_cable_gets_its_driver_later(
    csms, switch_on, version
):
    behaviour = Behaviour(start_points=("EVConnected",), stop_points=("EVConnected",))
    station = await switch_on(csms, version, behaviour=behaviour)
    station.plug_in()
    await station.present_token("ADA")
    await station.present_token("ADA")
    station.unplug()
    await station.delivered()

    found = [(each["eventType"], each["triggerReason"]) for each in events(csms)]
    assert found == [
        ("Started", "CablePluggedIn"),
        ("Updated", "Authorized"),
        ("Updated", "ChargingStateChanged"),
        ("Updated", "StopAuthorized"),
        ("Updated", "ChargingStateChanged"),
        ("Ended", "EVCommunicationLost"),
    ]
    assert "idToken" not in events(csms)[0]
    assert events(csms)[1]["idToken"]["idToken"] == "ADA"
    assert events(csms, "Ended")[0]["transactionInfo"]["stoppedReason"] == "Local"


@pytest.mark.parametrize("version", VERSIONS)
async def test_clock_aligned_readings_come_at_full_quarters(csms, switch_on, version):
    clock = ManualClock()  # starts at noon
    behaviour = Behaviour(aligned_interval_s=900, sample_interval_s=0)
    station = await switch_on(csms, version, clock=clock, behaviour=behaviour, model="NL City 22")
    await clock.advance(1810)
    await station.delivered()

    times = [
        value["timestamp"] for each in csms.sent("MeterValues") for value in each["meterValue"]
    ]
    assert [time[11:16] for time in times] == ["12:15", "12:30"]


async def test_a_16_start_that_is_never_acknowledged_stops_as_minus_one(csms, switch_on):
    def refuse(_payload):
        raise CallError("InternalError")

    clock = ManualClock()
    csms.replies["StartTransaction"] = refuse
    behaviour = Behaviour(message_attempts=2, message_retry_interval_s=10, sample_interval_s=0)
    station = await switch_on(csms, "1.6", clock=clock, behaviour=behaviour)
    await station.start()
    await station.wait_for("retry")
    await clock.advance(11)
    await station.wait_for("discarded")
    await station.stop()
    await station.delivered()

    assert len(csms.sent("StartTransaction")) == 2
    assert csms.sent("StopTransaction")[0]["transactionId"] == -1


async def test_no_data_at_the_end_when_none_is_configured(csms, switch_on):
    station = await switch_on(csms, "1.6")
    for key in ("StopTxnSampledData", "StopTxnAlignedData"):
        await csms.call("ChangeConfiguration", {"key": key, "value": ""})
    await station.start()
    await station.stop()
    await station.delivered()
    assert "transactionData" not in csms.sent("StopTransaction")[0]  # 1.6, 3.16.5


async def test_a_status_that_does_not_last_is_not_reported(csms, switch_on):
    clock = ManualClock()
    behaviour = Behaviour(minimum_status_duration_s=5)
    station = await switch_on(csms, "1.6", clock=clock, behaviour=behaviour, model="NL City 22")
    await clock.advance(6)
    await csms.wait_for("StatusNotification", 2)
    await station.start()
    await clock.advance(2)
    await station.stop()
    station.unplug()
    await clock.advance(10)
    await station.delivered()
    assert [each["status"] for each in csms.sent("StatusNotification")] == ["Available"] * 2


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_known_token_may_charge_before_the_csms_is_asked(csms, switch_on, version):
    station = await switch_on(csms, version, behaviour=Behaviour(local_pre_authorize=True))
    await station.start()
    await station.stop()
    station.unplug()
    await station.start()
    assert len(csms.sent("Authorize")) == 1


@pytest.mark.parametrize("version", V2)
async def test_readings_are_kept_for_the_end_at_an_interval_of_their_own(csms, switch_on, version):
    clock = ManualClock()
    behaviour = Behaviour(sample_interval_s=0, ended_interval_s=30)
    station = await switch_on(csms, version, clock=clock, behaviour=behaviour)
    await station.start()
    await clock.advance(95)
    await station.stop()
    await station.delivered()
    kept = csms.sent("TransactionEvent")[-1]["meterValue"]
    assert len(kept) == 5  # begin, 30, 60, 90, end


async def test_an_unanswered_ping_ends_the_connection(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, clock=clock, behaviour=Behaviour(ping_interval_s=30))
    await clock.advance(31)
    await clock.advance(31)
    assert station.station.connected  # it was answered, or there was no time to
    csms.freeze()
    while station.station.connected:
        await clock.advance(31)
    assert "does not answer pings" in " ".join(each.text for each in station.happenings)
