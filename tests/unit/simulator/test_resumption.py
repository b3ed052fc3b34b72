"""Transactions that outlast a restart (2.1, B13)."""

import asyncio

import pytest

from releve.simulator import ManualClock

RESUME = {"type": "ImmediateAndResume"}


def told(csms):
    return [
        (event["triggerReason"], event["transactionInfo"].get("chargingState"))
        for event in csms.sent("TransactionEvent")
    ]


async def test_a_transaction_goes_on_after_a_restart(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", clock=hurried)
    transaction = await station.start()
    await station.delivered()
    assert await csms.call("Reset", RESUME) == {"status": "Accepted"}
    await station.wait_for("resumed")
    await station.delivered()
    assert csms.sent("BootNotification")[1]["reason"] == "RemoteReset"
    assert station.evse().transaction is transaction
    assert station.evse().meter.flow.power_w > 0  # B13.FR.24
    assert told(csms)[-2:] == [("ResetCommand", "Charging"), ("TxResumed", "Charging")]
    last, before = csms.sent("TransactionEvent")[-1], csms.sent("TransactionEvent")[-2]
    assert last["transactionInfo"]["transactionId"] == transaction.key
    assert last["seqNo"] == before["seqNo"] + 1
    contexts = [e["meterValue"][0]["sampledValue"][0]["context"] for e in (before, last)]
    assert contexts == ["Interruption.Begin", "Interruption.End"]
    assert last["offline"] is False if "offline" in last else True
    assert await station.stop()


async def test_no_energy_flows_while_it_restarts(csms, switch_on):
    clock = ManualClock()
    station = await switch_on(csms, "2.1", clock=clock)
    await station.start()
    station.station.plan = station.station.plan.__class__(
        **{**fields(station.station.plan), "reboot_s": 600.0}
    )
    await csms.call("Reset", RESUME)
    await station.wait_for("interrupted")
    before_wh = station.meter_wh()
    await passed(clock, station, "reset")
    for _ in range(60):
        await clock.advance(5)
        await asyncio.sleep(0)
    assert station.meter_wh() == before_wh
    await passed(clock, station, "resumed", step=60)
    assert station.evse().transaction is not None


async def passed(clock, station, kind, step=1):
    for _ in range(200):
        if any(each.kind == kind for each in station.happenings):
            return
        await clock.advance(step)
        await asyncio.sleep(0.005)
    raise AssertionError(f"no {kind}")


def fields(plan):
    return {name: getattr(plan, name) for name in plan.__dataclass_fields__}


async def test_one_evse_restarts_by_itself(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", clock=hurried)
    one = await station.start(evse=1)
    two = await station.start(evse=2, token="BOB")
    await station.delivered()
    assert await csms.call("Reset", {**RESUME, "evseId": 2}) == {"status": "Accepted"}
    await station.wait_for("resumed")
    await station.delivered()
    assert len(csms.sent("BootNotification")) == 1  # B13.FR.11
    resumed = csms.sent("TransactionEvent")[-1]
    assert resumed["triggerReason"] == "TxResumed"
    assert resumed["transactionInfo"]["transactionId"] == two.key
    assert station.evse(1).transaction is one


async def test_energy_may_be_kept_away_afterwards(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", clock=hurried)
    station.station.behaviour.allow_energy_resumption = False
    await station.start()
    await csms.call("Reset", RESUME)
    await station.wait_for("resumed")
    await station.delivered()
    assert told(csms)[-1] == ("TxResumed", "SuspendedEVSE")  # B13.FR.25
    assert station.evse().meter.flow.power_w == 0


async def test_where_nothing_runs_or_nothing_can_be_resumed(csms, switch_on, hurried):
    station = await switch_on(csms, "2.1", clock=hurried)
    assert await csms.call("Reset", RESUME) == {"status": "Accepted"}  # B13.FR.02
    await csms.wait_for("BootNotification", 2)
    off = {
        "component": {"name": "TxCtrlr"},
        "variable": {"name": "ResumptionTimeout"},
        "attributeValue": "0",
    }
    while not station.station.online:
        await station.wait_for("booted")
    await csms.call("SetVariables", {"setVariableData": [off]})
    answer = await csms.call("Reset", RESUME)
    assert answer["status"] == "Rejected"  # B13.FR.01


@pytest.mark.parametrize("kind", ["Immediate", "OnIdle"])
async def test_other_resets_end_what_runs(csms, switch_on, hurried, kind):
    station = await switch_on(csms, "2.1", clock=hurried)
    await station.start()
    answer = await csms.call("Reset", {"type": kind})
    assert answer["status"] == ("Accepted" if kind == "Immediate" else "Scheduled")
    if kind == "OnIdle":
        await station.stop()
    await csms.wait_for("BootNotification", 2)
    assert station.evse().transaction is None
