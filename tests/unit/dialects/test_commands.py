"""What the operator asks, as each version's request; and what the station answers, as an outcome."""

from __future__ import annotations

import pytest

from releve.dialects import DIALECTS, Unsupported
from releve.domain.commands import (
    ChangeAvailability,
    ClearCache,
    DataTransfer,
    GetVariables,
    RequestStart,
    RequestStop,
    Reset,
    ResetKind,
    Result,
    SetVariables,
    TriggerMessage,
    UnlockConnector,
    VariableName,
    VariableResult,
)
from releve.domain.token import IdToken
from releve.ocpp.version import Version
from tests.unit.dialects.kit import TWO, asked, heard, live_station

V16, V201, V21 = Version
CARD = IdToken("ADA")
OLD_CARD = IdToken("ADA", "")
KEY = VariableName(variable="HeartbeatInterval")
NAME = VariableName(component="OCPPCommCtrlr", variable="HeartbeatInterval")
WIRE_NAME = {
    "component": {"name": "OCPPCommCtrlr"},
    "variable": {"name": "HeartbeatInterval"},
}
WIRE_CARD = {"idToken": "ADA", "type": "ISO14443"}

IN_16 = [
    (
        RequestStart(token=CARD, evse=2, remote_start_id=5, group="FAMILY"),
        "RemoteStartTransaction",
        {"connectorId": 2, "idTag": "ADA"},
    ),
    (RequestStart(token=CARD, remote_start_id=5), "RemoteStartTransaction", {"idTag": "ADA"}),
    (RequestStop(reference="4711"), "RemoteStopTransaction", {"transactionId": 4711}),
    (Reset(kind=ResetKind.IMMEDIATE), "Reset", {"type": "Hard"}),
    (Reset(kind=ResetKind.ON_IDLE), "Reset", {"type": "Soft"}),
    (UnlockConnector(evse=2), "UnlockConnector", {"connectorId": 2}),
    (
        ChangeAvailability(operative=False, evse=1, connector=1),
        "ChangeAvailability",
        {"connectorId": 1, "type": "Inoperative"},
    ),
    (
        ChangeAvailability(operative=True),
        "ChangeAvailability",
        {"connectorId": 0, "type": "Operative"},
    ),
    (TriggerMessage(message="Heartbeat"), "TriggerMessage", {"requestedMessage": "Heartbeat"}),
    (
        TriggerMessage(message="MeterValues", evse=2),
        "TriggerMessage",
        {"requestedMessage": "MeterValues", "connectorId": 2},
    ),
    (
        TriggerMessage(message="LogStatusNotification"),
        "TriggerMessage",
        {"requestedMessage": "DiagnosticsStatusNotification"},
    ),
    (
        TriggerMessage(message="SignChargingStationCertificate"),
        "ExtendedTriggerMessage",
        {"requestedMessage": "SignChargePointCertificate"},
    ),
    (GetVariables(), "GetConfiguration", {}),
    (GetVariables(names=(KEY,)), "GetConfiguration", {"key": ["HeartbeatInterval"]}),
    (
        SetVariables(values=((KEY, "60"),)),
        "ChangeConfiguration",
        {"key": "HeartbeatInterval", "value": "60"},
    ),
    (
        DataTransfer(vendor="V", message="M", data={"a": 1}),
        "DataTransfer",
        {"vendorId": "V", "messageId": "M", "data": '{"a":1}'},
    ),
    (ClearCache(), "ClearCache", {}),
]

IN_2 = [
    (
        RequestStart(token=OLD_CARD, evse=2, remote_start_id=5, group="FAMILY"),
        "RequestStartTransaction",
        {
            "evseId": 2,
            "groupIdToken": {"idToken": "FAMILY", "type": "Central"},
            "idToken": WIRE_CARD,
            "remoteStartId": 5,
        },
    ),
    (
        RequestStart(token=CARD, remote_start_id=5, group="F" * 256),
        "RequestStartTransaction",
        {"idToken": WIRE_CARD, "remoteStartId": 5},
    ),
    (RequestStop(reference="T-1"), "RequestStopTransaction", {"transactionId": "T-1"}),
    (Reset(kind=ResetKind.IMMEDIATE), "Reset", {"type": "Immediate"}),
    (Reset(kind=ResetKind.ON_IDLE, evse=1), "Reset", {"type": "OnIdle", "evseId": 1}),
    (UnlockConnector(evse=2), "UnlockConnector", {"evseId": 2, "connectorId": 1}),
    (
        ChangeAvailability(operative=False, evse=1, connector=2),
        "ChangeAvailability",
        {"evse": {"id": 1, "connectorId": 2}, "operationalStatus": "Inoperative"},
    ),
    (
        ChangeAvailability(operative=True, evse=0),
        "ChangeAvailability",
        {"operationalStatus": "Operative"},
    ),
    (TriggerMessage(message="Heartbeat"), "TriggerMessage", {"requestedMessage": "Heartbeat"}),
    (
        TriggerMessage(message="StatusNotification", evse=2),
        "TriggerMessage",
        {"requestedMessage": "StatusNotification", "evse": {"id": 2, "connectorId": 1}},
    ),
    (
        TriggerMessage(message="MeterValues", evse=2),
        "TriggerMessage",
        {"requestedMessage": "MeterValues", "evse": {"id": 2}},
    ),
    (
        GetVariables(request_id=8),
        "GetBaseReport",
        {"requestId": 8, "reportBase": "FullInventory"},
    ),
    (GetVariables(names=(NAME,)), "GetVariables", {"getVariableData": [WIRE_NAME]}),
    (
        GetVariables(
            names=(
                VariableName(
                    component="EVSE",
                    component_instance="a",
                    evse=1,
                    connector=2,
                    variable="Power",
                    instance="b",
                    attribute="maxset",
                ),
            )
        ),
        "GetVariables",
        {
            "getVariableData": [
                {
                    "attributeType": "MaxSet",
                    "component": {
                        "name": "EVSE",
                        "instance": "a",
                        "evse": {"id": 1, "connectorId": 2},
                    },
                    "variable": {"name": "Power", "instance": "b"},
                }
            ]
        },
    ),
    (
        SetVariables(values=((NAME, "60"), (NAME, "70"))),
        "SetVariables",
        {
            "setVariableData": [
                {**WIRE_NAME, "attributeValue": "60"},
                {**WIRE_NAME, "attributeValue": "70"},
            ]
        },
    ),
    (
        DataTransfer(vendor="V", data={"a": 1}),
        "DataTransfer",
        {"vendorId": "V", "data": {"a": 1}},
    ),
    (ClearCache(), "ClearCache", {}),
]


@pytest.mark.parametrize(("command", "action", "payload"), IN_16)
def test_a_command_in_16(command, action, payload):
    assert asked(V16, command) == (action, payload)


@pytest.mark.parametrize("version", TWO)
@pytest.mark.parametrize(("command", "action", "payload"), IN_2)
def test_a_command_in_2(version, command, action, payload):
    assert asked(version, command) == (action, payload)


LONG = IdToken("A" * 256)
NOT_POSSIBLE = [
    (V16, RequestStart(token=IdToken("A" * 21), remote_start_id=1), "at most 20 characters"),
    (V201, RequestStart(token=IdToken("A" * 37), remote_start_id=1), "at most 36 characters"),
    (V201, RequestStart(token=IdToken("A", "VIN"), remote_start_id=1), "no tokens of type VIN"),
    (V21, RequestStart(token=LONG, remote_start_id=1), "at most 255 characters"),
    (V21, RequestStart(token=IdToken("A", "t" * 21), remote_start_id=1), "at most 20 characters"),
    (V16, RequestStop(reference="T-1"), "named by a number"),
    (V16, RequestStop(reference="-1"), "named by a number"),
    (V16, Reset(evse=1), "whole station"),
    (V16, UnlockConnector(evse=1, connector=2), "one connector only"),
    (V16, UnlockConnector(evse=0), "not the station"),
    (V201, UnlockConnector(evse=0), "not the station"),
    (V21, UnlockConnector(evse=1, connector=0), "not the station or an EVSE"),
    (V16, ChangeAvailability(operative=True, evse=1, connector=2), "one connector only"),
    (V16, TriggerMessage(message="TransactionEvent"), "cannot trigger TransactionEvent"),
    (V201, TriggerMessage(message="StatusNotification"), "name an EVSE"),
    (V201, TriggerMessage(message="SignV2G20Certificate"), "cannot trigger"),
    (V21, TriggerMessage(message="CustomTrigger"), "a custom trigger is named"),
    (V16, GetVariables(names=(NAME,)), "configuration keys"),
    (V16, SetVariables(values=((KEY, "1"), (KEY, "2"))), "one configuration key at a time"),
    (V16, SetVariables(values=()), "one configuration key at a time"),
    (V201, GetVariables(names=(KEY,)), "needs its component"),
    (
        V21,
        SetVariables(values=((VariableName(component="C", variable="V", attribute="Old"), "1"),)),
        "no attribute Old",
    ),
]


@pytest.mark.parametrize(("version", "command", "words"), NOT_POSSIBLE)
def test_what_a_version_cannot_say_is_refused_in_words(version, command, words):
    with pytest.raises(Unsupported, match=words):
        DIALECTS[version].ask(command, live_station())


def test_2_1_has_an_open_list_of_token_types():
    _, payload = asked(V21, RequestStart(token=IdToken("A", "VIN"), remote_start_id=1))
    assert payload["idToken"] == {"idToken": "A", "type": "VIN"}


def test_a_token_type_of_2_0_1_is_spelled_as_the_list_has_it():
    _, payload = asked(V201, RequestStart(token=IdToken("A", "emaid"), remote_start_id=1))
    assert payload["idToken"]["type"] == "eMAID"


WITH_STATUS = [command for command, _, _ in IN_16 if not isinstance(command, GetVariables)]


@pytest.mark.parametrize("command", WITH_STATUS)
def test_a_status_word_of_16_is_the_outcome(command):
    accepted = "Unlocked" if isinstance(command, UnlockConnector) else "Accepted"
    refused = "UnlockFailed" if isinstance(command, UnlockConnector) else "Rejected"

    good = heard(V16, command, {"status": accepted})
    bad = heard(V16, command, {"status": refused})

    assert (good.result, good.status, good.accepted) == (Result.ANSWERED, accepted, True)
    assert (bad.result, bad.status, bad.accepted) == (Result.ANSWERED, refused, False)


SIMPLE_2 = [
    command
    for command, action, _ in IN_2
    if not isinstance(command, SetVariables) and action != "GetVariables"
]


@pytest.mark.parametrize("version", TWO)
@pytest.mark.parametrize("command", SIMPLE_2)
def test_a_status_word_of_2_is_the_outcome_with_its_explanation(version, command):
    accepted = "Unlocked" if isinstance(command, UnlockConnector) else "Accepted"
    refused = "UnlockFailed" if isinstance(command, UnlockConnector) else "Rejected"
    info = {"reasonCode": "Busy", "additionalInfo": "later"}

    good = heard(version, command, {"status": accepted})
    bad = heard(version, command, {"status": refused, "statusInfo": info})
    short = heard(version, command, {"status": refused, "statusInfo": {"reasonCode": "Busy"}})

    assert (good.status, good.accepted, good.description) == (accepted, True, "")
    assert (bad.status, bad.accepted, bad.description) == (refused, False, "Busy: later")
    assert short.description == "Busy"


@pytest.mark.parametrize("version", Version)
def test_scheduled_will_be_done_and_a_strange_word_will_not(version):
    command = ChangeAvailability(operative=False)
    assert heard(version, command, {"status": "Scheduled"}).accepted
    strange = heard(version, command, {"status": "Perhaps"})
    assert (strange.status, strange.accepted) == ("Perhaps", False)


def test_configuration_keys_are_heard_known_and_unknown():
    outcome = heard(
        V16,
        GetVariables(names=(KEY, KEY)),
        {
            "configurationKey": [
                {"key": "HeartbeatInterval", "readonly": False, "value": "60"},
                {"key": "Secret", "readonly": True},
            ],
            "unknownKey": ["Nonsense"],
        },
    )

    assert outcome.variables == (
        VariableResult(
            name=KEY,
            status="Accepted",
            value="60",
            read_only=False,
            data_type="integer",
            unit="s",
        ),
        VariableResult(name=VariableName(variable="Secret"), status="Accepted", read_only=True),
        VariableResult(name=VariableName(variable="Nonsense"), status="UnknownVariable"),
    )
    assert (outcome.result, outcome.status, outcome.accepted) == (Result.ANSWERED, None, False)


def test_a_station_of_16_without_keys_has_answered():
    outcome = heard(V16, GetVariables(), {})
    assert (outcome.result, outcome.accepted, outcome.variables) == (Result.ANSWERED, True, ())


@pytest.mark.parametrize(
    ("word", "status", "accepted"),
    [
        ("Accepted", "Accepted", True),
        ("RebootRequired", "RebootRequired", True),
        ("Rejected", "Rejected", False),
        ("NotSupported", "UnknownVariable", False),
    ],
)
def test_a_changed_key_is_heard(word, status, accepted):
    outcome = heard(V16, SetVariables(values=((KEY, "60"),)), {"status": word})

    assert (outcome.status, outcome.accepted) == (word, accepted)
    assert outcome.variables == (VariableResult(name=KEY, status=status),)


@pytest.mark.parametrize("version", TWO)
def test_variables_are_heard_each_with_its_status(version):
    results = [
        {**WIRE_NAME, "attributeStatus": "Accepted", "attributeValue": "60"},
        {
            **WIRE_NAME,
            "attributeStatus": "NotSupportedAttributeType",
            "attributeType": "MinSet",
            "attributeStatusInfo": {"reasonCode": "NoMin"},
        },
    ]

    outcome = heard(version, GetVariables(names=(NAME, NAME)), {"getVariableResult": results})

    assert outcome.variables[0] == VariableResult(name=NAME, status="Accepted", value="60")
    assert outcome.variables[1].name.attribute == "MinSet"
    assert outcome.variables[1].status == "NotSupportedAttributeType"
    assert outcome.variables[1].reason == "NoMin"
    assert (outcome.status, outcome.accepted) == (None, False)


@pytest.mark.parametrize("version", TWO)
def test_set_variables_are_heard_and_never_echo_a_value(version):
    results = [
        {**WIRE_NAME, "attributeStatus": "RebootRequired"},
        {**WIRE_NAME, "attributeStatus": "RebootRequired"},
    ]

    outcome = heard(
        version,
        SetVariables(values=((NAME, "60"), (NAME, "70"))),
        {"setVariableResult": results},
    )

    assert (outcome.status, outcome.accepted) == ("RebootRequired", True)
    assert [variable.value for variable in outcome.variables] == [None, None]


@pytest.mark.parametrize("version", TWO)
def test_a_result_without_any_variable_is_no_success(version):
    outcome = heard(version, GetVariables(names=(NAME,)), {"getVariableResult": []})
    assert (outcome.result, outcome.accepted) == (Result.ANSWERED, False)
