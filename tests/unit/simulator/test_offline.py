"""No network: what waits, what is said when it is back, and what never is."""

import pytest

from releve.simulator import Behaviour, ManualClock, Quirk
from tests.unit.simulator.conftest import V2, VERSIONS
from tests.unit.simulator.csms import CallError

LOCAL = Behaviour(offline_unknown_id=True, sample_interval_s=60)


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_transaction_entirely_offline_is_delivered_in_order(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock, behaviour=LOCAL)
    await station.go_offline()
    await station.start()
    await clock.advance(125)
    await station.stop()
    station.unplug()
    before = len(csms.received)
    await station.come_back()
    await station.delivered()

    sent = csms.received[before:]
    assert not [name for name, _ in sent if name == "BootNotification"]
    if version == "1.6":
        mine = [name for name, _ in sent if name != "StatusNotification"]
        assert mine == ["StartTransaction", "MeterValues", "MeterValues", "StopTransaction"]
        numbers = {
            p["transactionId"] for name, p in sent if name in ("MeterValues", "StopTransaction")
        }
        assert numbers == {1}
    else:
        found = [payload for name, payload in sent if name == "TransactionEvent"]
        assert [each["seqNo"] for each in found] == list(range(len(found)))
        assert all(each["offline"] is True for each in found)  # E04.FR.03
        assert found[-1]["eventType"] == "Ended"


@pytest.mark.parametrize("version", VERSIONS)
async def test_only_the_present_status_is_reported_after_an_offline_time(csms, switch_on, version):
    clock = ManualClock()
    station = await switch_on(csms, version, clock=clock, behaviour=LOCAL)
    await csms.wait_for("StatusNotification", 3 if version == "1.6" else 2)
    before = len(csms.sent("StatusNotification"))
    await station.go_offline()
    await station.start()
    await station.stop()
    await station.come_back()
    await csms.wait_for("StatusNotification", before + 1)
    await station.delivered()

    key, status = ("status", "Finishing") if version == "1.6" else ("connectorStatus", "Occupied")
    assert [each[key] for each in csms.sent("StatusNotification")[before:]] == [status]


@pytest.mark.parametrize("version", V2)
async def test_what_was_queued_online_goes_out_as_offline_when_the_line_broke(
    csms, switch_on, version
):
    csms.replies["TransactionEvent"] = lambda _: None
    station = await switch_on(csms, version)
    await station.start()
    await csms.wait_for("TransactionEvent")
    assert "offline" not in csms.sent("TransactionEvent")[0]
    await station.kill_socket()
    del csms.replies["TransactionEvent"]
    await station.come_back()
    await station.delivered()

    first, again = csms.sent("TransactionEvent")[:2]
    assert again["seqNo"] == first["seqNo"] == 0
    assert again["offline"] is True


async def test_a_broken_line_is_no_failed_attempt(csms, switch_on):
    csms.replies["StartTransaction"] = lambda _: None
    station = await switch_on(csms, "1.6", behaviour=Behaviour(message_attempts=1))
    await station.start()
    await csms.wait_for("StartTransaction")
    await station.kill_socket()
    del csms.replies["StartTransaction"]
    await station.come_back()
    await station.delivered()

    assert len(csms.sent("StartTransaction")) == 2
    assert station.station.outbox.discarded == 0


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_refused_message_is_repeated_at_growing_intervals_and_given_up(
    csms, switch_on, version
):
    def refuse(_payload):
        raise CallError("InternalError", "the store is full")

    action = "StartTransaction" if version == "1.6" else "TransactionEvent"
    csms.replies[action] = refuse
    clock = ManualClock()
    behaviour = Behaviour(message_attempts=3, message_retry_interval_s=60, sample_interval_s=0)
    station = await switch_on(csms, version, clock=clock, behaviour=behaviour)
    await station.start()
    assert (await station.wait_for("retry")).data["wait_s"] == 60
    await clock.advance(59)
    assert len(csms.sent(action)) == 1
    await clock.advance(2)
    assert (await station.wait_for("retry")).data["wait_s"] == 120
    await clock.advance(121)
    await station.wait_for("discarded")

    begins = [each for each in csms.sent(action) if each.get("seqNo", 0) == 0]
    assert len(begins) == 3  # then it was the next message's turn


async def test_silence_is_a_failure_after_the_timeout(csms, switch_on):
    clock = ManualClock()
    csms.replies["StartTransaction"] = lambda _: None
    station = await switch_on(csms, "1.6", clock=clock, call_timeout_s=10)
    await station.start()
    await csms.wait_for("StartTransaction")
    await clock.advance(11)
    await station.wait_for("retry")


@pytest.mark.parametrize(("quirks", "distinct"), [([], 2), ([Quirk.SAME_ID_RETRY], 1)])
async def test_a_repeat_has_a_new_id_or_the_same(csms, switch_on, quirks, distinct):
    quirks = [*quirks, Quirk.DUPLICATE_START]
    station = await switch_on(csms, "1.6", quirks=quirks)
    await station.start()
    await station.delivered()

    ids = [
        key
        for key, (name, _) in zip(csms.ids, csms.received, strict=True)
        if name == "StartTransaction"
    ]
    assert len(ids) == 2
    assert len(set(ids)) == distinct
    first, second = csms.sent("StartTransaction")
    assert first == second


@pytest.mark.parametrize("version", VERSIONS)
async def test_offline_the_list_and_the_cache_decide(csms, switch_on, version):
    station = await switch_on(csms, version)
    await station.start(token="ADA")
    await station.stop(token="ADA")
    station.unplug()
    await station.delivered()
    await station.go_offline()
    station.plug_in()

    assert not await station.present_token("STRANGER")
    assert await station.present_token("ada")  # known from before, in whatever case


async def test_heartbeats_come_at_the_interval_of_the_boot_answer(csms, switch_on):
    clock = ManualClock()
    csms.replies["BootNotification"] = lambda _: {
        "status": "Accepted",
        "currentTime": "2026-01-01T12:00:00Z",
        "interval": 30,
    }
    csms.replies["Heartbeat"] = lambda _: {"currentTime": "2026-01-01T12:00:00Z"}
    await switch_on(csms, "1.6", clock=clock)
    for number in (1, 2, 3):
        await clock.advance(31)
        await csms.wait_for("Heartbeat", number)
    assert len(csms.sent("Heartbeat")) == 3


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_status_that_the_broken_line_swallowed_is_told_again(csms, switch_on, version):
    station = await switch_on(csms, version, model="NL City 22")
    first = 2 if version == "1.6" else 1
    await csms.wait_for("StatusNotification", first)
    csms.replies["StatusNotification"] = lambda _: None
    station.plug_in()
    await csms.wait_for("StatusNotification", first + 1)
    await station.kill_socket()
    del csms.replies["StatusNotification"]
    await station.come_back()
    await csms.wait_for("StatusNotification", first + 2)

    key = "status" if version == "1.6" else "connectorStatus"
    swallowed, again = csms.sent("StatusNotification")[-2:]
    assert swallowed[key] == again[key] in ("Preparing", "Occupied")
