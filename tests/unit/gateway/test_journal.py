"""No secret reaches the message log."""

import json

import pytest

from releve.gateway.journal import MASK, masked

SECRET = 'hunter2\\"hunter2'


@pytest.mark.parametrize(
    "payload",
    [
        {"key": "AuthorizationKey", "value": SECRET},
        {"value": SECRET, "key": "AuthorizationKey"},
        {"configurationKey": [{"key": "AuthorizationKey", "readonly": False, "value": SECRET}]},
        {
            "setVariableData": [
                {
                    "attributeValue": SECRET,
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                }
            ]
        },
        {
            "setVariableData": [
                {
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                    "attributeValue": SECRET,
                }
            ]
        },
        {
            "reportData": [
                {
                    "component": {"name": "SecurityCtrlr"},
                    "variable": {"name": "BasicAuthPassword"},
                    "variableAttribute": [{"value": SECRET}],
                }
            ]
        },
        {"idToken": {"idToken": SECRET, "type": "KeyCode"}},
        {"idToken": {"type": "KeyCode", "idToken": SECRET}},
    ],
)
@pytest.mark.parametrize("separators", [(",", ":"), (", ", ": ")])
def test_secrets_are_masked(payload: dict[str, object], separators: tuple[str, str]) -> None:
    text = masked(json.dumps(payload, separators=separators))
    assert "hunter2" not in text
    assert MASK in json.dumps(json.loads(text), ensure_ascii=False)


def test_everything_else_stays() -> None:
    text = json.dumps({"key": "HeartbeatInterval", "value": "300"})
    assert masked(text) == text


def test_only_the_secret_is_masked() -> None:
    keys = [
        {"key": "A", "value": "1"},
        {"key": "AuthorizationKey", "value": "x"},
        {"key": "B", "value": "2"},
    ]
    found = json.loads(masked(json.dumps({"configurationKey": keys})))["configurationKey"]
    assert [k["value"] for k in found] == ["1", MASK, "2"]


def test_what_cannot_be_read_and_names_a_secret_is_not_shown() -> None:
    assert (
        masked('[2,"1","ChangeConfiguration",{"key":"AuthorizationKey","value":"hunter2"') == MASK
    )
