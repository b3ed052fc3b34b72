"""Switching on, being kept waiting or turned away, restarting."""

import base64

import pytest

from releve.simulator import ConnectFailed, LineDown, ManualClock, Quirk, Refused
from tests.unit.simulator.conftest import V2, VERSIONS
from tests.unit.simulator.csms import CallError


def boot_answers(csms, *answers):
    """BootNotification is answered with these (status, interval), the last one for ever."""
    left = list(answers)

    def reply(_payload):
        status, interval = left.pop(0) if len(left) > 1 else left[0]
        return {"status": status, "currentTime": csms.now(), "interval": interval}

    csms.replies["BootNotification"] = reply


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_station_says_who_it_is(csms, switch_on, version):
    await switch_on(csms, version, model="Citrea Hyper 180")
    boot = csms.sent("BootNotification")[0]

    if version == "1.6":
        assert (boot["chargePointVendor"], boot["chargePointModel"]) == (
            "Citrea",
            "Citrea Hyper 180",
        )
    else:
        assert boot["chargingStation"]["vendorName"] == "Citrea"
        assert boot["reason"] == "PowerUp"


@pytest.mark.parametrize("status", ["Pending", "Rejected"])
@pytest.mark.parametrize("version", VERSIONS)
async def test_not_accepted_it_waits_for_the_interval_and_says_nothing_else(
    csms, switch_on, version, status
):
    clock = ManualClock()
    boot_answers(csms, (status, 60), ("Accepted", 300))
    station = await switch_on(csms, version, boot=False, clock=clock)
    await station.connect()
    booting = station.station.spawn
    booting(station.boot())
    await station.wait_for("boot-answered")
    await clock.advance(59)
    assert csms.actions == ["BootNotification"]
    await clock.advance(2)
    await station.wait_for("booted")
    assert csms.actions[:2] == ["BootNotification", "BootNotification"]


async def test_interval_zero_leaves_the_pace_to_the_station(csms, switch_on):
    clock = ManualClock()
    boot_answers(csms, ("Pending", 0), ("Accepted", 0))
    station = await switch_on(csms, boot=False, clock=clock)
    await station.connect()
    station.station.spawn(station.boot())
    await station.wait_for("boot-answered")
    await clock.advance(20)
    assert len(csms.sent("BootNotification")) == 1
    await clock.advance(11)
    await station.wait_for("booted")


@pytest.mark.parametrize("version", VERSIONS)
async def test_pending_it_answers_but_starts_nothing(csms, switch_on, version):
    boot_answers(csms, ("Pending", 600))
    station = await switch_on(csms, version, boot=False)
    await station.connect()
    station.station.spawn(station.boot())
    await station.wait_for("boot-answered")

    if version == "1.6":
        assert (await csms.call("GetConfiguration", {"key": ["HeartbeatInterval"]}))[
            "configurationKey"
        ]
        started = await csms.call("RemoteStartTransaction", {"idTag": "ADA"})
    else:
        answer = await csms.call(
            "GetBaseReport", {"requestId": 1, "reportBase": "SummaryInventory"}
        )
        assert answer["status"] == "Accepted"
        token = {"idToken": "ADA", "type": "ISO14443"}
        start = {"idToken": token, "remoteStartId": 1, "evseId": 1}
        started = await csms.call("RequestStartTransaction", start)
    assert started["status"] == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_pending_it_boots_again_when_asked(csms, switch_on, version):
    boot_answers(csms, ("Pending", 600), ("Accepted", 300))
    station = await switch_on(csms, version, boot=False)
    await station.connect()
    station.station.spawn(station.boot())
    await station.wait_for("boot-answered")

    trigger = {"requestedMessage": "BootNotification"}
    assert (await csms.call("TriggerMessage", trigger))["status"] == "Accepted"
    await station.wait_for("booted")
    assert (await csms.call("TriggerMessage", trigger))["status"] == "Rejected"


async def test_rejected_it_answers_nothing(csms, switch_on):
    boot_answers(csms, ("Rejected", 600))
    station = await switch_on(csms, boot=False)
    await station.connect()
    station.station.spawn(station.boot())
    await station.wait_for("boot-answered")
    with pytest.raises(TimeoutError):
        await csms.call("GetConfiguration", {}, timeout_s=0.2)


async def test_a_line_that_breaks_while_booting_is_told(csms, switch_on):
    csms.replies["BootNotification"] = lambda _: None
    station = await switch_on(csms, boot=False)
    await station.connect()
    station.station.spawn(station.kill_socket())
    with pytest.raises(LineDown):
        await station.boot()


async def test_a_refused_boot_is_tried_again(csms, switch_on):
    def refuse(_payload):
        raise CallError("InternalError")

    clock = ManualClock()
    csms.replies["BootNotification"] = refuse
    station = await switch_on(csms, boot=False, clock=clock)
    await station.connect()
    station.station.spawn(station.boot())
    await station.wait_for("boot-answered")
    del csms.replies["BootNotification"]
    await clock.advance(31)
    await station.wait_for("booted")


async def test_an_identity_is_percent_encoded_and_the_password_sent(csms, switch_on):
    await switch_on(csms, identity="CP 1/å", password="s3cret")
    expected = base64.b64encode("CP 1/å:s3cret".encode()).decode()

    assert csms.paths == ["/ocpp/CP%201%2F%C3%A5"]
    assert csms.headers[0]["Authorization"] == f"Basic {expected}"


@pytest.mark.parametrize(
    ("version", "quirks", "sent"),
    [
        ("1.6", [], bytes.fromhex("00ff" * 10)),
        ("1.6", [Quirk.HEX_PASSWORD], b"00ff" * 10),
        ("2.0.1", [], b"00ff" * 10),
    ],
)
async def test_a_16_key_travels_as_bytes(csms, switch_on, version, quirks, sent):
    await switch_on(csms, version, password="00ff" * 10, quirks=quirks)
    header = csms.headers[0]["Authorization"].removeprefix("Basic ")
    assert base64.b64decode(header) == b"CP-1:" + sent


async def test_a_refused_connection_tells_the_status(switch_on, csms):
    csms.http_status = 404
    station = await switch_on(csms, boot=False)
    with pytest.raises(ConnectFailed) as refused:
        await station.connect()
    assert refused.value.status == 404


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_reset_ends_transactions_and_boots_anew(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start()
    kind = "Soft" if version == "1.6" else "Immediate"
    assert (await csms.call("Reset", {"type": kind}))["status"] == "Accepted"
    await csms.wait_for("BootNotification", 2)
    await station.wait_for("booted")

    if version == "1.6":
        assert csms.sent("StopTransaction")[0]["reason"] == "SoftReset"
    else:
        assert csms.sent("BootNotification")[1]["reason"] == "RemoteReset"
        ended = csms.sent("TransactionEvent")[-1]
        assert ended["triggerReason"] == "ResetCommand"
        assert ended["transactionInfo"]["stoppedReason"] == "ImmediateReset"


@pytest.mark.parametrize("version", V2)
async def test_a_reset_on_idle_waits_for_the_transaction(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start()
    assert (await csms.call("Reset", {"type": "OnIdle"}))["status"] == "Scheduled"
    assert len(csms.sent("BootNotification")) == 1
    await station.stop()
    await csms.wait_for("BootNotification", 2)
    assert csms.sent("BootNotification")[1]["reason"] == "ScheduledReset"


@pytest.mark.parametrize("version", V2)
async def test_one_evse_can_be_reset(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start(evse=2)
    answer = await csms.call("Reset", {"type": "Immediate", "evseId": 2})
    assert answer["status"] == "Accepted"
    await station.wait_for("transaction-ended")
    assert len(csms.sent("BootNotification")) == 1
    assert (await csms.call("Reset", {"type": "Immediate", "evseId": 9}))["status"] == "Rejected"


@pytest.mark.parametrize("version", VERSIONS)
async def test_availability_and_profiles_survive_a_restart(csms, switch_on, version):
    station = await switch_on(csms, version)
    if version == "1.6":
        await csms.call("ChangeAvailability", {"connectorId": 2, "type": "Inoperative"})
        await csms.call("Reset", {"type": "Hard"})
    else:
        change = {"evse": {"id": 2}, "operationalStatus": "Inoperative"}
        await csms.call("ChangeAvailability", change)
        await csms.call("Reset", {"type": "Immediate"})
    await csms.wait_for("BootNotification", 2)
    await station.wait_for("booted")
    await station.wait_for("booted")

    key = "status" if version == "1.6" else "connectorStatus"
    await station.wait_for("status", lambda h: h.evse == 2 and h.data["status"] == "Unavailable")
    assert station.status(2) == "Unavailable"
    assert csms.sent("StatusNotification")[-1][key]


async def test_a_clock_of_1970_is_set_by_the_boot_answer(lax_csms, switch_on):
    station = await switch_on(lax_csms, boot=False, quirks=[Quirk.CLOCK_1970])
    assert station.station.now().year == 1970
    await station.connect()
    await station.boot()
    assert station.station.now().year > 2000


async def test_any_call_may_be_made(csms, switch_on):
    station = await switch_on(csms)
    answer = await station.call("DataTransfer", {"vendorId": "Voltanova"})
    assert answer == {"status": "Accepted"}

    def refuse(_payload):
        raise CallError("NotSupported", "no")

    csms.replies["DataTransfer"] = refuse
    with pytest.raises(Refused, match="NotSupported: no"):
        await station.call("DataTransfer", {"vendorId": "Voltanova"})
