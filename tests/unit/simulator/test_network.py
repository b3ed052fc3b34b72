"""From one CSMS to another: profiles in slots, tried in order (B09, B10), and connectors told by events (G01)."""

import pytest

from releve.simulator.behaviour import Behaviour
from releve.simulator.network import ATTEMPTS, NetworkProfile, Route
from tests.unit.simulator.conftest import V2
from tests.unit.simulator.csms import Csms

NOWHERE = "ws://127.0.0.1:9/ocpp"


async def store(csms, slot, url, security=0, **more):
    profile = {
        "ocppVersion": "OCPP20",
        "ocppTransport": "JSON",
        "ocppCsmsUrl": url,
        "messageTimeout": 30,
        "securityProfile": security,
        "ocppInterface": "Wired0",
        **more,
    }
    wanted = {"configurationSlot": slot, "connectionData": profile}
    return (await csms.call("SetNetworkProfile", wanted))["status"]


async def order(csms, slots):
    wanted = {
        "component": {"name": "OCPPCommCtrlr"},
        "variable": {"name": "NetworkConfigurationPriority"},
        "attributeValue": slots,
    }
    answer = await csms.call("SetVariables", {"setVariableData": [wanted]})
    result = answer["setVariableResult"][0]
    return result["attributeStatus"], result.get("attributeStatusInfo", {}).get("reasonCode")


@pytest.mark.parametrize("version", V2)
async def test_a_station_moves_to_another_csms(csms, switch_on, version):
    async with Csms() as other:
        station = await switch_on(csms, version)
        assert await store(csms, 2, other.url) == "Accepted"
        assert await order(csms, "2,1") == ("Accepted", None)
        assert len(other.paths) == 0  # only after a restart
        await csms.call("Reset", {"type": "Immediate"})
        boot = await other.wait_for("BootNotification")
        assert boot["reason"] == "RemoteReset"
        assert other.paths == ["/ocpp/CP-1"]
        assert station.station.connected
        assert other.broken == []


async def test_identity_and_password_of_the_profile_count(csms, switch_on):
    async with Csms() as other:
        await switch_on(csms, "2.1", password="an-old-password-1")
        new = {"identity": "NEW-7", "basicAuthPassword": "a-new-password-77"}
        assert await store(csms, 2, other.url, security=1, **new) == "Accepted"
        await order(csms, "2,1")
        await csms.call("Reset", {"type": "Immediate"})
        await other.wait_for("BootNotification")
        assert other.paths == ["/ocpp/NEW-7"]
        assert other.headers[0]["Authorization"].startswith("Basic ")


async def test_it_comes_back_when_nobody_is_there(csms, switch_on):
    station = await switch_on(csms, "2.1")
    await store(csms, 2, NOWHERE)
    await order(csms, "2,1")
    await csms.call("Reset", {"type": "Immediate"})
    await csms.wait_for("BootNotification", 2)  # B10.FR.03: after its attempts there
    refused = [each for each in station.happenings if each.kind == "refused"]
    assert len(refused) == ATTEMPTS


async def test_what_a_more_secure_profile_lacks(csms, switch_on):
    station = await switch_on(csms, "2.1", password="a-password-of-16-")
    assert await store(csms, 2, "wss://localhost:1/ocpp", security=2) == "Accepted"
    assert await store(csms, 3, NOWHERE, security=2) == "Rejected"  # not encrypted
    assert await store(csms, 3, NOWHERE, security=0) == "Rejected"  # B09.FR.04
    assert await store(csms, 3, "http://localhost/", security=1) == "Rejected"
    assert await order(csms, "2,1") == ("Rejected", "InvalidCertificate")  # A05.FR.02
    station.station.trusts_somebody = True
    assert await order(csms, "2,1") == ("Accepted", None)
    assert await store(csms, 3, "wss://localhost:1/ocpp", security=3) == "Accepted"
    assert await order(csms, "3,1") == ("Rejected", "InvalidCertificate")  # A05.FR.03


def route(priority, **profiles):
    settings = Behaviour(network_priority=priority)
    settings.network_profiles = {int(name[1:]): one for name, one in profiles.items()}
    return Route(settings), settings


def test_slots_are_tried_in_order_and_then_the_last_good_one():
    tried, _ = route("2,1", s1=NetworkProfile(), s2=NetworkProfile("ws://b"))
    tried.restart()
    seen = []
    for _ in range(2 * ATTEMPTS):
        seen.append(tried.slot)
        tried.failed()
    assert seen == [2] * ATTEMPTS + [1] * ATTEMPTS
    assert tried.slot == 2  # round again
    for _ in range(ATTEMPTS):
        tried.failed()
    tried.connected(1)
    assert tried.slot == 1
    tried.restart()
    for _ in range(2 * ATTEMPTS):
        tried.failed()
    assert tried.slot == 1  # B10.FR.07


def test_less_secure_profiles_are_forgotten_once_a_better_one_works():
    tried, settings = route("2,1", s1=NetworkProfile(security=1), s2=NetworkProfile("wss://b", 2))
    tried.restart()
    tried.connected(2)
    assert set(settings.network_profiles) == {2}  # A05.FR.06
    assert settings.network_priority == "2"


def test_slots_without_a_profile_are_passed_over():
    tried, _ = route("3,1", s1=NetworkProfile())
    assert tried.order == [1]


async def test_connectors_are_told_by_events(csms, switch_on):
    from releve.simulator import Behaviour as Settings

    station = await switch_on(csms, "2.1", behaviour=Settings(connectors_by_event=True))
    await csms.wait_for("NotifyEvent", 2)
    station.plug_in()
    await csms.wait_for("NotifyEvent", 3)
    first, _, occupied = [request["eventData"][0] for request in csms.sent("NotifyEvent")]
    assert csms.sent("StatusNotification") == []
    assert (first["component"]["name"], first["variable"]["name"]) == (
        "Connector",
        "AvailabilityState",
    )
    assert (first["trigger"], first["eventNotificationType"]) == (
        "Delta",
        "HardWiredNotification",
    )
    assert (occupied["actualValue"], occupied["component"]["evse"]) == (
        "Occupied",
        {"id": 1, "connectorId": 1},
    )


async def test_a_station_of_2_0_1_keeps_to_status_notifications(csms, switch_on):
    from releve.simulator import Behaviour as Settings

    await switch_on(csms, "2.0.1", behaviour=Settings(connectors_by_event=True))
    await csms.wait_for("StatusNotification", 2)
    assert csms.sent("NotifyEvent") == []
