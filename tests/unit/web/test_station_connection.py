"""How a station comes in: its boot, what is prepared for it, its limits, its network profiles, and leaving."""

from __future__ import annotations

import re

import pytest

from releve.domain.commands import (
    ChangeAvailability,
    Outcome,
    Reset,
    ResetKind,
    Result,
    SetVariables,
    TriggerMessage,
    VariableName,
    VariableResult,
)
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.provisioning import PreparationState, ReportBase, SetNetworkProfile
from releve.domain.station import BootDecision
from releve.domain.variables import PRIORITY
from releve.services.ports import Variable
from tests.support.console import Console

from .conftest import read

REFUSED = Outcome(result=Result.ANSWERED, status="Rejected")
PROFILE = {
    "slot": "2",
    "url": "wss://other.example/ocpp",
    "security_profile": "2",
    "interface": "Wireless0",
    "timeout_s": "",
}


@pytest.fixture
async def station(console: Console):
    return await console.connected("CP-1", version="ocpp2.1")


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}/connection"


def asked(console: Console, kind: type):
    return [command for _, command in console.stations.asked if isinstance(command, kind)]


def problem(response, field: str) -> str:
    """What is said beside a field."""
    assert response.status_code == 422
    found = re.search(rf'id="problem-{field}" role="alert">([^<]+)<', response.text)
    assert found, response.text
    return found.group(1)


async def test_the_boot_is_decided_and_a_waiting_station_asked_to_boot(ada, console):
    waiting = {"boot": BootDecision.PENDING, "registered": False}
    inbound = await console.connected("CP-2", **waiting)
    here = f"/stations/{inbound.station.id}/connection"
    assert "it waits and asks again" in read(await ada.get(here))
    assert problem(await ada.post(f"{here}/boot", boot="Perhaps"), "boot")
    card = await ada.post(f"{here}/boot", boot="Accepted")
    assert card.status_code == 200
    assert [c.message for c in asked(console, TriggerMessage)] == ["BootNotification"]
    await ada.post(f"{here}/boot", boot="Rejected")
    kept = await console.desk.catalogue.station(DEFAULT_OPERATOR, str(inbound.station.id))
    assert kept.boot == "Rejected"


async def test_a_boot_is_prepared_shown_changed_and_forgotten(ada, console, station, path):
    assert "Nothing. What is prepared" in read(await ada.get(path))
    dialog = await ada.get(f"{path}/preparation")
    assert "Component / Variable = value" in dialog.text
    assert "may not charge until this is done" in read(dialog)
    form = {"values": "OCPPCommCtrlr / HeartbeatInterval = 60", "report": "FullInventory"}
    done = await ada.post(f"{path}/preparation", **form)
    assert done.headers["hx-refresh"] == "true"
    services = console.desk.services
    held = await services.preparations.get(DEFAULT_OPERATOR, station.station.id)
    name = VariableName(component="OCPPCommCtrlr", variable="HeartbeatInterval")
    assert held.values == ((name, "60"),)
    assert (held.report, held.accept, held.by) == (ReportBase.FULL, False, "ada")
    text = read(await ada.get(path))
    for shown in ("Waits for the next boot", "HeartbeatInterval", "All that it has", "Pending"):
        assert shown in text
    assert "OCPPCommCtrlr / HeartbeatInterval = 60" in (await ada.get(f"{path}/preparation")).text
    dropped = await ada.post(f"{path}/preparation/drop")
    assert "Nothing. What is prepared" in read(dropped)


async def test_what_a_station_answered_to_a_preparation_is_told(ada, console, station, path):
    await ada.post(f"{path}/preparation", values="A / B = 1\nA / C = 2", report="")
    refused = VariableResult(
        name=VariableName(component="A", variable="C"), status="Rejected", reason="not now"
    )
    taken = VariableResult(name=VariableName(component="A", variable="B"), status="Accepted")
    console.stations.answers["SetVariables"] = Outcome(
        result=Result.ANSWERED, status="Rejected", variables=(taken, refused)
    )
    services = console.desk.services
    row = await services.commands.station(DEFAULT_OPERATOR, station.station.id)
    await services.preparations.run(row)
    held = await services.preparations.get(DEFAULT_OPERATOR, station.station.id)
    assert held.state is PreparationState.FAILED
    text = read(await ada.part(f"{path}?part=boot"))
    for shown in ("Failed", "A / C", "Rejected", "not now", "tried again at the next boot"):
        assert shown in text


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ("A / B = 1\nnonsense", "Line 2: write it as Component / Variable = value."),
        ("SecurityCtrlr / BasicAuthPassword = x", "Passwords and keys are not prepared"),
    ],
)
async def test_what_cannot_be_prepared_is_said(ada, path, values, said):
    refused = await ada.post(f"{path}/preparation", values=values, report="")
    assert refused.status_code == 422
    assert said in read(refused)
    assert values in read(refused).replace(" nonsense", "\nnonsense")


async def test_limits_are_shown_and_set_by_hand(ada, console, station, path):
    async with console.store.work(DEFAULT_OPERATOR) as work:
        name = VariableName(
            component="DeviceDataCtrlr", variable="ItemsPerMessage", instance="SetVariables"
        )
        now = console.desk.clock.now()
        work.variables.save(station.station.id, [Variable(name=name, value="7", reported_at=now)])
    assert "ItemsPerMessageSetVariables 7" in read(await ada.get(path))
    assert problem(await ada.post(f"{path}/limit", name="Wishes", value="1"), "name")
    limit = {"name": "ItemsPerMessageSetVariables"}
    assert problem(await ada.post(f"{path}/limit", **limit, value="x"), "value")
    assert (await ada.post(f"{path}/limit", **limit, value="3")).status_code == 200
    assert "ItemsPerMessageSetVariables 3 set by hand" in read(await ada.get(path))
    await ada.post(f"{path}/limit", **limit, value="")
    assert "ItemsPerMessageSetVariables 7" in read(await ada.get(path))


async def test_a_profile_is_stored_and_shown_without_its_secrets(olga, console, path, station):
    assert "None was stored from here" in read(await olga.get(path))
    stored = await olga.post(
        f"{path}/profile",
        **PROFILE,
        identity="CP-9",
        password="a secret of 16 chars",
        mobile="yes",
        apn="internet.example",
        apn_password="swordfish",
        apn_network="20810",
        apn_authentication="PAP",
    )
    assert "The station accepted" in read(stored)
    (command,) = asked(console, SetNetworkProfile)
    assert (command.slot, command.profile.url) == (2, "wss://other.example/ocpp")
    assert command.profile.timeout_s == 30
    assert command.profile.password == "a secret of 16 chars"
    assert command.profile.apn.preferred_network == "20810"
    assert command.profile.vpn is None
    page = await olga.get(path)
    for shown in ("Slot 2", "wss://other.example/ocpp", "APN internet.example", "not in the order"):
        assert shown in read(page)
    again = await olga.get(f"{path}/profile?slot=2")
    assert 'value="internet.example"' in again.text
    for secret in ("a secret of 16 chars", "swordfish"):
        assert secret not in page.text + again.text


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"slot": ""}, "slot"),
        ({"slot": "100"}, "slot"),
        ({"url": "https://other.example"}, "url"),
        ({"url": "ws://other.example"}, "url"),
        ({"url": "wss://" + "x" * 2000}, "url"),
        ({"security_profile": "9"}, "security_profile"),
        ({"interface": "Pigeon"}, "interface"),
        ({"timeout_s": "0"}, "timeout_s"),
        ({"identity": "x" * 49}, "identity"),
        ({"password": "x" * 65}, "password"),
        ({"vpn": "yes"}, "vpn_server"),
        ({"mobile": "yes"}, "apn"),
        ({"mobile": "yes", "apn": "a", "apn_network": "1"}, "apn_network"),
        ({"mobile": "yes", "apn": "a", "apn_sim_pin": "x"}, "apn_sim_pin"),
    ],
)
async def test_a_profile_that_is_wrong_is_refused_at_its_field(olga, console, path, changes, field):
    refused = await olga.post(f"{path}/profile", **(PROFILE | changes))
    assert problem(refused, field)
    assert asked(console, SetNetworkProfile) == []


async def test_a_profile_may_be_written_by_variables(olga, console, path):
    vpn = {"vpn_server": "v.example", "vpn_user": "u", "vpn_password": "p", "vpn_key": "k"}
    form = PROFILE | vpn | {"vpn": "yes", "vpn_type": "IKEv2", "by_variables": "yes"}
    await olga.post(f"{path}/profile", **form)
    assert asked(console, SetNetworkProfile) == []
    (command,) = asked(console, SetVariables)
    written = {name.variable: value for name, value in command.values}
    assert written["OcppCsmsUrl"] == "wss://other.example/ocpp"
    assert written["VpnServer"] == "v.example"


async def test_a_refused_profile_is_not_shown(olga, console, path):
    console.stations.answers["SetNetworkProfile"] = REFUSED
    assert "The station refused" in read(await olga.post(f"{path}/profile", **PROFILE))
    assert "Slot 2" not in read(await olga.get(path))


async def test_the_order_is_written_and_a_refusal_told(olga, console, station, path):
    assert problem(await olga.post(f"{path}/order", slots="one, two"), "slots")
    assert problem(await olga.post(f"{path}/order", slots="1, 1"), "slots")
    assert problem(await olga.post(f"{path}/order", slots=""), "slots")
    assert asked(console, SetVariables) == []
    result = VariableResult(name=PRIORITY, status="Accepted")
    console.stations.answers["SetVariables"] = Outcome(
        result=Result.ANSWERED, status="Accepted", accepted=True, variables=(result,)
    )
    assert "next start" in read(await olga.post(f"{path}/order", slots="2, 1"))
    (command,) = asked(console, SetVariables)
    assert command.values == ((PRIORITY, "2,1"),)
    assert "Order of the slots 2, 1" in read(await olga.get(path))
    assert 'value="2,1"' in (await olga.get(f"{path}/order")).text
    refusal = VariableResult(name=PRIORITY, status="Rejected", reason="slot 3 is empty")
    console.stations.answers["SetVariables"] = Outcome(
        result=Result.ANSWERED, status="Rejected", variables=(refusal,)
    )
    text = read(await olga.post(f"{path}/order", slots="3"))
    assert "are all of these slots filled?" in text
    assert "slot 3 is empty" in text


async def test_a_station_is_sent_to_another_csms(ada, console, station, path):
    form = PROFILE | {"keep": "1", "reset": "OnIdle", "inoperative": "yes"}
    assert problem(await ada.post(f"{path}/leave", **form, confirm="CP"), "confirm")
    assert problem(await ada.post(f"{path}/leave", **form | {"keep": "2"}, confirm="CP-1"), "keep")
    assert asked(console, SetNetworkProfile) == []
    sent = await ada.post(f"{path}/leave", **form, confirm="CP-1")
    assert "Leaving for another CSMS" in read(sent)
    kinds = [type(command) for _, command in console.stations.asked]
    assert kinds == [SetNetworkProfile, ChangeAvailability, SetVariables, Reset]
    assert asked(console, SetVariables)[0].values == ((PRIORITY, "2,1"),)
    assert asked(console, Reset)[0].kind is ResetKind.ON_IDLE
    assert "Leaving for another CSMS" in read(await ada.get(path))


async def test_stations_of_1_6_are_told_what_they_have_not(ada, console):
    inbound = await console.connected("CP-3", version="ocpp1.6")
    here = f"/stations/{inbound.station.id}/connection"
    page = await ada.get(here)
    assert "OCPP 1.6 has none" in read(page)
    assert "/connection/leave" not in page.text
    assert "Key = value" in (await ada.get(f"{here}/preparation")).text


async def test_operators_store_profiles_and_administrators_decide(olga, console, path):
    page = await olga.get(path)
    assert "/connection/profile" in page.text
    for path_ in ("boot", "preparation", "limit", "leave"):
        assert f"/connection/{path_}" not in page.text
        assert (await olga.post(f"{path}/{path_}")).status_code == 403


async def test_a_viewer_sees_the_profiles_and_no_buttons(vera, console, station, path):
    page = await vera.get(path)
    assert "Network profiles" in read(page)
    assert 'hx-get="/stations' not in page.text
    assert (await vera.post(f"{path}/profile")).status_code == 403
