"""The table that is shipped can be read, and an operator's own folder beside it."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from releve.app.quirk_files import load_families
from releve.domain.ids import DEFAULT_OPERATOR, StationId
from releve.domain.quirks import Quirks
from releve.domain.station import Station
from releve.services.errors import Invalid
from releve.services.quirks import QuirkTable, switched
from releve.settings import SettingsError

TABLE = QuirkTable(load_families())


def station(vendor: str, model: str, firmware: str = "", **more: object) -> Station:
    return Station(
        id=StationId(1),
        operator=DEFAULT_OPERATOR,
        identity="CS",
        vendor=vendor,
        model=model,
        firmware=firmware,
        created_at=datetime(2026, 1, 1, tzinfo=UTC),
        **more,  # type: ignore[arg-type]
    )


# As these stations say it of themselves: vendor, model, firmware; and something of what follows.
SEEN = {
    "abb-terra-ac": ("ABB", "CDT_TACW22::NET_WIFI", "V1.8.21", {"stack_levels": (0,)}),
    "alfen-eve": ("Alfen BV", "NG910-60023", "", {"bends": ("context",)}),
    "beny": ("ZJBENY", "BCP-A2N-L", "", {"decimal_comma": True}),
    "chargeamps-halo": ("Charge Amps AB", "HALO", "", {"bends": ("unit", "measurand")}),
    "easee": ("Easee", "Charge", "", {"max_periods": 16}),
    "en-plus": ("EN+", "AC7000", "", {"no_pong": True}),
    "evbox": ("EVBox", "Business Line", "", {"stack_levels": (0,)}),
    "evbox-elvi": ("EV-BOX", "EVB-P21280000", "", {"register_restarts": True}),
    "go-e": ("go-e GmbH", "Gemini", "", {"rate_unit": "A", "profiles_ignored": True}),
    "grizzl-e": ("United Chargers Inc.", "GRS-24", "", {"one_key_at_a_time": True}),
    "growatt-thor": ("Growatt", "THOR 11AS", "", {"stale_contexts": ("Transaction.Begin",)}),
    "huawei-smartcharger": ("", "SmartCharger-22KT-S0", "", {"rate_unit": "W"}),
    "legrand-greenup": ("Legrand", "Green'Up", "", {"bends": ("errorCode",)}),
    "metron": ("Metron", "ME3 DYNAMIC OCPP", "1.04", {"boots_on_reconnect": True}),
    "myenergi-zappi": ("myenergi", "zappi2", "", {"tx_default_only": True}),
    "schneider-evlink": ("Schneider Electric", "EVlink Smart Wallbox", "3.4.0.2", {}),
    "vestel-evc": ("VESTEL", "EVC04", "", {"bends": ("sampledValue",)}),
    "wallbox-pulsar": ("Wall Box Chargers", "PLP1", "5.11", {"profile_kinds": ("Relative",)}),
}


@pytest.mark.parametrize("name", SEEN)
def test_a_station_of_each_family_is_known_by_what_it_tells(name):
    vendor, model, firmware, expected = SEEN[name]
    one = station(vendor, model, firmware)
    assert name in [family.id for family in TABLE.matched(one)]
    found = TABLE.of(one)
    assert {field: getattr(found, field) for field in expected} == expected


def test_every_family_of_the_table_is_seen_here_once():
    names = [family.id for family in TABLE.families]
    assert sorted(names) == sorted(SEEN)
    assert len(set(names)) == len(names)


def test_a_station_that_has_told_nothing_belongs_to_no_family():
    assert TABLE.matched(station("", "")) == []
    assert TABLE.of(station("Acme", "One")) == Quirks()


def test_what_the_operator_switched_wins_over_the_table():
    one = station("ABB", "TACW22", quirks={"stack_levels": [1, 2], "clock": "+02:00"})
    assert TABLE.of(one).stack_levels == (1, 2)
    assert TABLE.of(one).clock == "+02:00"
    assert TABLE.of(one).rate_unit == "A"


def test_a_switch_is_checked_before_it_is_kept():
    one = station("ABB", "TACW22", quirks={"clock": "+02:00"})
    assert switched(one, {"clock": None, "no_pong": True}) == {"no_pong": True}
    with pytest.raises(Invalid, match="no quirk teleports"):
        switched(one, {"teleports": True})
    for wrong in ({"rate_unit": "kW"}, {"clock": "two hours"}, {"max_periods": 0}):
        with pytest.raises(Invalid, match="no value"):
            switched(one, wrong)


FAMILY = """
[[family]]
id = "acme"
name = "Acme"
vendor = "Acme"
firmware = "%s"
sources = ["acme/stations#1"]
quirks = { rate_unit = "A" }
"""


def test_families_of_the_operators_own_folder_come_last(tmp_path):
    (tmp_path / "mine.toml").write_text(FAMILY % ">=2", "utf-8")
    table = QuirkTable(load_families(tmp_path))
    assert table.families[-1].id == "acme"
    assert table.of(station("ACME", "x", "2.1")).rate_unit == "A"


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        (FAMILY % "two", "no condition"),
        (FAMILY.replace('"Acme"\nfirm', '"Ac(me"\nfirm') % "", "no pattern"),
        (FAMILY.replace("rate_unit", "rating") % "", "unknown field"),
        ("[[family]", "quirks in"),
        (FAMILY.replace('["acme/stations#1"]', "[]") % "", "length >= 1"),
    ],
)
def test_a_table_that_cannot_be_used_says_which_and_why(tmp_path, text, problem):
    (tmp_path / "mine.toml").write_text(text, "utf-8")
    with pytest.raises(SettingsError, match=problem) as told:
        load_families(tmp_path)
    assert "mine.toml" in str(told.value)
