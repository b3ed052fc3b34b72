"""A station's page: live, commands, configuration."""

from __future__ import annotations

import re

import pytest

from releve.domain.commands import (
    ChangeAvailability,
    ClearCache,
    DataTransfer,
    Outcome,
    RequestStart,
    Reset,
    Result,
    SetVariables,
    TriggerMessage,
    UnlockConnector,
    VariableName,
    VariableResult,
)
from releve.domain.ids import DEFAULT_OPERATOR
from releve.domain.provisioning import GetBaseReport, ReportBase
from releve.domain.station import ConnectorStatus
from releve.services.ports import Variable
from releve.web.commands import COMMANDS
from tests.support.console import Console

from .conftest import read

MARKUP = "<script>alert(1)</script>"


@pytest.fixture
async def station(console: Console):
    inbound = await console.connected("CP-1", vendor="Alfen", model="NG9", firmware="4.1")
    await console.status(inbound, 1, ConnectorStatus.AVAILABLE)
    return inbound


@pytest.fixture
def path(station) -> str:
    return f"/stations/{station.station.id}"


async def test_the_live_tab_shows_the_charge(ada, console, station, path):
    await console.charged(station, ended=False)
    text = read(await ada.get(path))
    for words in ("Alfen NG9", "4.1", "2.0.1", "EVSE 1", "11.0 kW", "5.50 kWh", "30 %", "ADA"):
        assert words in text.replace("\u00a0", " "), words
    for part in ("header", "evses", "row"):
        answer = await ada.part(f"{path}/{part}")
        assert answer.status_code == 200
        assert "<html" not in answer.text


async def test_the_chart_gets_the_last_hours_power(ada, console, station, path):
    await console.charged(station, ended=False)
    told = (await ada.get(f"{path}/power.json")).json()
    assert told["evses"] == [1]
    assert len(told["points"]) == 11
    at, evse, power_w = told["points"][-1]
    assert evse == 1
    assert power_w == 11000
    assert at.endswith("Z")


@pytest.mark.parametrize("name", COMMANDS)
async def test_every_command_has_a_dialog(olga, path, name):
    answer = await olga.part(f"{path}/commands/{name}")
    assert answer.status_code == 200
    assert 'id="dialog-title"' in answer.text
    assert f'hx-post="{path}/commands/{name}"' in answer.text


@pytest.mark.parametrize(
    ("name", "form", "expected"),
    [
        ("reset", {"kind": "Immediate"}, Reset(kind="Immediate")),
        ("reset", {"kind": "OnIdle", "evse": "1"}, Reset(kind="OnIdle", evse=1)),
        ("unlock", {"evse": "1"}, UnlockConnector(evse=1)),
        (
            "trigger",
            {"message": "StatusNotification", "evse": "1"},
            TriggerMessage(message="StatusNotification", evse=1),
        ),
        ("availability", {"operative": "no"}, ChangeAvailability(operative=False)),
        ("clear-cache", {}, ClearCache()),
        (
            "data-transfer",
            {"vendor": "acme", "message": "m", "data": '{"a": 1}'},
            DataTransfer(vendor="acme", message="m", data={"a": 1}),
        ),
        (
            "data-transfer",
            {"vendor": "acme", "data": "plain {"},
            DataTransfer(vendor="acme", data="plain {"),
        ),
    ],
)
async def test_a_form_becomes_the_command(olga, console, station, path, name, form, expected):
    answer = await olga.post(f"{path}/commands/{name}", **form)
    assert answer.status_code == 200
    assert "The station accepted" in read(answer)
    assert console.stations.asked == [(station.station.id, expected)]


async def test_a_start_takes_the_type_of_a_registered_token(olga, console, station, path):
    await console.desk.services.tokens.add(DEFAULT_OPERATOR, "FR*ABC", type="eMAID")
    for typed, value, kind in [("fr*abc", "FR*ABC", "eMAID"), ("04AA", "04AA", "ISO14443")]:
        await olga.post(f"{path}/commands/start", token=typed, evse="1")
        _, command = console.stations.asked[-1]
        assert isinstance(command, RequestStart)
        assert (command.token.value, command.token.type, command.evse) == (value, kind, 1)
    await olga.post(f"{path}/commands/start", token="", evse="")
    assert console.stations.asked[-1][1].token.type == "Central"


@pytest.mark.parametrize(
    ("outcome", "tone", "words"),
    [
        (
            Outcome(result=Result.ANSWERED, status="Scheduled", accepted=True),
            "ok",
            "The station accepted: Scheduled",
        ),
        (Outcome(result=Result.ANSWERED, status="Rejected"), "warn", "The station refused"),
        (
            Outcome(result=Result.ERROR, code="InternalError", description="out of paper"),
            "bad",
            "The station answered with an error",
        ),
        (
            Outcome(result=Result.MALFORMED, description="no status"),
            "bad",
            "The answer could not be read",
        ),
        (Outcome(result=Result.TIMEOUT), "warn", "No answer in time"),
        (Outcome(result=Result.OFFLINE), "warn", "The station is not connected"),
        (Outcome(result=Result.BUSY), "warn", "Too many calls wait"),
        (Outcome(result=Result.UNSUPPORTED), "warn", "Not in this station's OCPP version"),
        (Outcome(result=Result.NOT_ALLOWED), "warn", "Not allowed before the station is accepted"),
        (
            Outcome(result=Result.INVALID, description="kind: needed"),
            "bad",
            "The request breaks the standard",
        ),
    ],
)
async def test_each_way_to_end_reads_differently(olga, console, path, outcome, tone, words):
    console.stations.answers["Reset"] = outcome
    answer = await olga.post(f"{path}/commands/reset", kind="OnIdle")
    assert words in read(answer)
    assert f'data-result="{outcome.result}"' in answer.text
    assert f"notice-{tone}" in answer.text
    for own in (outcome.code, outcome.description):
        assert own in read(answer)


async def test_a_raw_call_goes_out_as_written(olga, console, station, path):
    console.stations.answers["GetLog"] = Outcome(
        result=Result.ANSWERED, status=None, payload={"filename": MARKUP}
    )
    answer = await olga.post(f"{path}/commands/call", action="GetLog", payload='{"requestId": 1}')
    assert console.stations.asked[-1] == (station.station.id, ("GetLog", {"requestId": 1}, True))
    await olga.post(f"{path}/commands/call", action="X", payload="", unchecked="yes")
    assert console.stations.asked[-1] == (station.station.id, ("X", {}, False))
    assert "The station answered" in read(answer)
    assert MARKUP not in answer.text
    assert MARKUP in read(answer)


@pytest.mark.parametrize(
    ("name", "form", "field", "words"),
    [
        ("call", {"action": "", "payload": "{}"}, "action", "This is needed."),
        ("call", {"action": "X", "payload": "{"}, "payload", "This is not JSON."),
        ("call", {"action": "X", "payload": "[1]"}, "payload", "A payload is a JSON object."),
        ("call", {"action": "X", "payload": "[" * 90_000}, "payload", "This is not JSON."),
        ("reset", {"kind": "Never"}, "kind", "Choose one of the list."),
        ("unlock", {"evse": "x"}, "evse", "This is not a whole number."),
        ("unlock", {"evse": "-1"}, "evse", "This number is too small or too large."),
        ("unlock", {"evse": ""}, "evse", "This is needed."),
        ("data-transfer", {"vendor": " "}, "vendor", "This is needed."),
    ],
)
async def test_a_wrong_field_is_marked_and_nothing_is_sent(
    olga, console, path, name, form, field, words
):
    answer = await olga.post(f"{path}/commands/{name}", **form)
    assert answer.status_code == 422
    assert f'id="problem-{field}"' in answer.text
    assert words in read(answer)
    assert console.stations.asked == []


async def test_there_is_no_other_command(olga, path):
    assert (await olga.part(f"{path}/commands/explode")).status_code == 404


@pytest.fixture
async def variables(console, station):
    now = console.desk.clock.now()
    known = [
        Variable(
            name=VariableName(component="OCPPCommCtrlr", variable="HeartbeatInterval"),
            value="300",
            mutability="ReadWrite",
            unit="s",
            reported_at=now,
        ),
        Variable(
            name=VariableName(component="ChargingStation", variable="Model", evse=1),
            value=MARKUP,
            mutability="ReadOnly",
            reported_at=now,
        ),
        Variable(
            name=VariableName(component="AuthCtrlr", variable="Mode"),
            value="a",
            values_list="a,b",
            data_type="OptionList",
            mutability="ReadWrite",
            reported_at=now,
        ),
    ]
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.variables.save(station.station.id, known)


@pytest.mark.usefixtures("variables")
async def test_the_configuration_lists_what_was_reported(olga, path):
    page = await olga.get(f"{path}/configuration")
    text = read(page)
    for words in ("HeartbeatInterval", "300", "Read only", MARKUP):
        assert words in text
    assert MARKUP not in page.text
    assert page.text.count("configuration/edit?") == 2


@pytest.mark.usefixtures("variables")
async def test_a_value_is_edited_with_confirmation(olga, console, station, path):
    link = re.search(
        r'hx-get="([^"]*HeartbeatInterval[^"]*)"', (await olga.get(f"{path}/configuration")).text
    )
    dialog = await olga.part(link.group(1).replace("&amp;", "&"))
    assert 'value="300"' in dialog.text
    hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', dialog.text))
    name = VariableName(component="OCPPCommCtrlr", variable="HeartbeatInterval")
    console.stations.answers["SetVariables"] = Outcome(
        result=Result.ANSWERED,
        status="RebootRequired",
        accepted=True,
        variables=(VariableResult(name=name, status="RebootRequired", reason="later"),),
    )
    answer = await olga.post(f"{path}/configuration/edit", **(hidden | {"value": " 60 "}))
    assert console.stations.asked[-1] == (
        station.station.id,
        SetVariables(values=((name, " 60 "),)),
    )
    assert "RebootRequired" in read(answer)
    assert "later" in read(answer)


@pytest.mark.usefixtures("variables")
async def test_a_list_of_values_is_a_choice(olga, path):
    dialog = await olga.part(f"{path}/configuration/edit?component=AuthCtrlr&variable=Mode")
    assert re.search(r'<select id="field-value".*<option value="a" selected>', dialog.text, re.S)


@pytest.mark.usefixtures("variables")
async def test_only_what_was_reported_can_be_edited(olga, path):
    assert (await olga.part(f"{path}/configuration/edit?variable=Nope")).status_code == 404
    too_long = {"component": "AuthCtrlr", "variable": "Mode", "value": "x" * 2501}
    assert (await olga.post(f"{path}/configuration/edit", **too_long)).status_code == 422


async def test_reading_all_asks_for_everything(olga, console, station, path):
    answer = await olga.post(f"{path}/configuration/read")
    ((asked, command),) = console.stations.asked
    assert (asked, type(command)) == (station.station.id, GetBaseReport)
    assert command.base is ReportBase.FULL
    assert "Values show below as they arrive" in read(answer)


async def test_what_the_station_does_not_take_on_is_told(olga, console, path):
    console.stations.answers["GetBaseReport"] = Outcome(result=Result.TIMEOUT)
    answer = await olga.post(f"{path}/configuration/read")
    assert "did not answer in time" in read(answer)


async def save(console, station, **about):
    known = Variable(
        name=VariableName(component="C", variable="V"),
        reported_at=console.desk.clock.now(),
        **about,
    )
    async with console.store.work(DEFAULT_OPERATOR) as work:
        work.variables.save(station.station.id, [known])


@pytest.mark.parametrize(
    ("about", "shown"),
    [
        ({"data_type": "boolean", "value": "True"}, '<option value="true" selected>'),
        (
            {"data_type": "integer", "value": "5", "min_limit": 1.0, "max_limit": 9.0},
            'type="number" step="1"',
        ),
        ({"data_type": "decimal", "value": "5", "unit": "W"}, "New value (W)"),
        ({"mutability": "WriteOnly"}, 'type="password"'),
        ({"data_type": "MemberList", "values_list": "a,b", "value": "a"}, "commas between"),
    ],
)
async def test_each_type_has_its_input(olga, console, station, path, about, shown):
    await save(console, station, **about)
    dialog = await olga.part(f"{path}/configuration/edit?component=C&variable=V")
    assert shown in dialog.text


async def test_what_waits_for_a_restart_and_what_limits_it_are_shown(olga, console, station, path):
    traits = {"data_type": "integer", "min_limit": 1.0, "max_limit": 9.0, "value": "5"}
    await save(console, station, reboot_required=True, **traits)
    text = read(await olga.get(f"{path}/configuration"))
    assert "Counts after a restart" in text
    assert "integer 1…9" in text


async def test_known_quirks_and_limits_are_told_with_what_is_done(olga, console, station, path):
    desk = console.desk.services.quirks
    row = station.station.id
    await desk.switch(DEFAULT_OPERATOR, row, {"no_pong": True, "rate_unit": "A"})
    await desk.set_limits(DEFAULT_OPERATOR, row, {"ItemsPerMessageSetVariables": 4})
    assert "does not answer pings" in read(await olga.get(f"{path}/configuration"))
    text = read(await olga.get(f"{path}/connection"))
    for words in ("set by hand", "ItemsPerMessageSetVariables"):
        assert words in text
