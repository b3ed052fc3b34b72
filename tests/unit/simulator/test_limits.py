"""Limits that the CSMS sets, custom triggers, reservations by type: what only some stations know."""

from datetime import timedelta

from releve.simulator import ManualClock
from releve.simulator.evse import Status


def limiting(**limit):
    """A reply to TransactionEvent that sets a limit in the answer to the first event."""
    told = []

    def reply(request):
        if told:
            return {}
        told.append(request)
        return {"transactionLimit": limit}

    return reply


async def test_a_limit_is_confirmed_kept_and_raised(csms, switch_on):
    clock = ManualClock()
    csms.replies["TransactionEvent"] = limiting(maxTime=600, maxCost=5)
    station = await switch_on(csms, "2.1", clock=clock)
    await station.start()
    await station.delivered()
    confirmed = [e for e in csms.sent("TransactionEvent") if e["triggerReason"] == "LimitSet"]
    # E16.FR.03: what it cannot keep (cost) is left out
    assert [e["transactionInfo"]["transactionLimit"] for e in confirmed] == [{"maxTime": 600}]

    await clock.advance(601)
    station.station.step()
    await station.delivered()

    (reached,) = [
        e for e in csms.sent("TransactionEvent") if e["triggerReason"] == "TimeLimitReached"
    ]
    assert reached["transactionInfo"]["chargingState"] == "SuspendedEVSE"
    assert station.evse().meter.flow.power_w == 0  # E16.FR.05: and no energy flows
    csms.replies["TransactionEvent"] = limiting(maxTime=6000)
    await csms.call("TriggerMessage", {"requestedMessage": "TransactionEvent"})
    await station.wait_for("limit-set")
    await station.delivered()
    assert not station.evse().transaction.at_limit


async def test_a_custom_trigger(csms, switch_on):
    await switch_on(csms, "2.1")

    async def trigger(word):
        body = {"requestedMessage": "CustomTrigger", "customTrigger": word}
        return (await csms.call("TriggerMessage", body))["status"]

    assert await trigger("org.example.Unknown") == "Rejected"
    assert await trigger("org.example.SelfTest") == "Accepted"
    assert (await csms.wait_for("DataTransfer"))["messageId"] == "SelfTest"


async def test_reservations_by_type_and_given_up(csms, switch_on):
    station = await switch_on(csms, "2.1", clock=ManualClock())
    kind = station.evse(1).connectors[0]
    until = (station.station.now() + timedelta(minutes=5)).isoformat().replace("+00:00", "Z")
    wish = {"expiryDateTime": until, "idToken": {"idToken": "APP-1", "type": "Central"}}

    async def reserve(number, **more):
        return (await csms.call("ReserveNow", {"id": number, **wish, **more}))["status"]

    assert await reserve(1, connectorType="cNoSuch") == "Rejected"
    assert await reserve(2, connectorType=kind) == "Accepted"
    reserved = next(e for e in station.station.evses.values() if e.status is Status.RESERVED)
    reserved.fault = "GroundFailure"
    station.station.step()
    update = await csms.wait_for("ReservationStatusUpdate")
    assert update == {"reservationId": 2, "reservationUpdateStatus": "Removed"}
    for evse in station.station.evses.values():
        evse.fault = "GroundFailure"
    assert await reserve(3) == "Faulted"
