"""What a station is known not to take is said before it is sent."""

from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest

from releve.domain.commands import VariableName
from releve.domain.provisioning import (
    Apn,
    ApnAuthentication,
    NetworkProfile,
    Vpn,
    VpnType,
    network_variables,
)
from releve.domain.variables import Variable, network_in_use, problem_of

NAME = VariableName(component="C", variable="V")


def known(**about: object) -> Variable:
    at = datetime(2026, 1, 1, tzinfo=UTC)
    return Variable(name=NAME, reported_at=at, **about)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("about", "value", "problem"),
    [
        ({}, "anything", None),
        ({"mutability": "ReadOnly"}, "1", "only be read"),
        ({"constant": True}, "1", "only be read"),
        ({"mutability": "WriteOnly"}, "secret", None),
        ({"data_type": "integer"}, " 12 ", None),
        ({"data_type": "integer"}, "1.5", "whole number"),
        ({"data_type": "integer", "min_limit": 1.0, "unit": "s"}, "0", "least .* is 1 s"),
        ({"data_type": "integer", "max_limit": 9.0}, "10", "most .* is 9"),
        ({"data_type": "decimal", "max_limit": 9.5}, "9.5", None),
        ({"data_type": "decimal", "max_limit": 9.5}, "9.6", "most .* is 9.5"),
        ({"data_type": "decimal"}, "1,5", "decimal point"),
        ({"data_type": "decimal"}, "nan", "decimal point"),
        ({"data_type": "boolean"}, "TRUE", None),
        ({"data_type": "boolean"}, "yes", "true or false"),
        ({"data_type": "dateTime"}, "2027-01-31T12:00:00Z", None),
        ({"data_type": "dateTime"}, "2027-01-31T12:00:00", "with its zone"),
        ({"data_type": "OptionList", "values_list": "A, B"}, "b", None),
        ({"data_type": "OptionList", "values_list": "A, B"}, "C", "one of A, B"),
        ({"data_type": "OptionList"}, "C", None),
        ({"data_type": "MemberList", "values_list": "A,B"}, "B,A", None),
        ({"data_type": "MemberList", "values_list": "A,B"}, "A,C", "C: not among"),
        ({"data_type": "MemberList"}, "A,a", "only once"),
        ({"data_type": "SequenceList"}, "A,A", None),
        ({"data_type": "SequenceList", "max_limit": 3.0}, "A,B,C", "at most 3 characters"),
        ({"data_type": "string", "max_limit": 3.0}, "four", "at most 3 characters"),
        ({"data_type": "string", "min_limit": 3.0}, "ab", "at least 3 characters"),
        ({"data_type": "passwordString", "max_limit": 40.0}, " kept ", None),
    ],
)
def test_a_value_is_held_against_what_the_station_told(about, value, problem):
    found = problem_of(known(**about), value)
    if problem is None:
        assert found is None
    else:
        assert found is not None
        assert re.search(problem, found)


@pytest.mark.parametrize(
    ("instance", "priority", "used"),
    [("1", "1,2", True), ("3", "1,2", False), ("1", None, False), ("2", " 1, 2", True)],
)
def test_a_network_profile_that_is_in_the_order_is_in_use(instance, priority, used):
    """B09.FR.10."""
    name = VariableName(
        component="networkconfiguration", component_instance=instance, variable="OcppCsmsUrl"
    )
    assert (network_in_use([NAME, name], priority) is name) is used


def test_a_whole_network_profile_as_variables():
    profile = NetworkProfile(
        url="wss://csms.example",
        security_profile=3,
        vpn=Vpn(server="s", user="u", group="g", password="p", key="k", type=VpnType.IKEV2),
        apn=Apn(apn="a", sim_pin=12, authentication=ApnAuthentication.PAP, only_preferred=True),
    )
    told = {name.variable: value for name, value in network_variables(4, profile)}
    assert told["VpnEnabled"] == told["ApnEnabled"] == told["UseOnlyPreferredNetwork"] == "true"
    assert (told["VpnGroup"], told["SimPin"], told["ApnAuthentication"]) == ("g", "12", "PAP")
    assert "ApnUserName" not in told
    assert {n.component_instance for n, _ in network_variables(4, profile)} == {"4"}
