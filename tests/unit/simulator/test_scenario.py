"""Scenario files: what they may say, and how a mistake is told."""

import pytest

from releve.simulator import Quirk, Scenario, ScenarioError
from releve.simulator.meter import Measurand
from releve.simulator.scenario import names

GOOD = """
name = "two"
[[groups]]
model = "NL City 22"
version = "2.0.1"
identity = "X-{n:03}"
count = 2
first = 7
quirks = ["extra-fields"]
[groups.metering]
sample_interval_s = 30
measurands = "Energy.Active.Import.Register,SoC"
register_kwh = 12.5
[groups.traffic]
cars = { city = 1, family = 2 }
"""


def test_a_scenario_becomes_stations():
    first, second = Scenario.parse(GOOD).stations

    assert (first.identity, second.identity) == ("X-007", "X-008")
    assert first.version.label == "2.0.1"
    assert first.quirks == {Quirk.EXTRA_FIELDS}
    assert first.register_wh == 12_500
    assert first.behaviour.sample_interval_s == 30
    assert first.behaviour.sampled == (Measurand.ENERGY, Measurand.SOC)
    assert first.serial != second.serial


def test_the_seed_decides_everything():
    scenario = Scenario.parse(GOOD)
    assert [p.seed for p, _ in scenario.plans()] == [p.seed for p, _ in scenario.plans(1)]
    assert [p.seed for p, _ in scenario.plans()] != [p.seed for p, _ in scenario.plans(2)]


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("count = 2", 'count = "2"'), "groups[0].count: expected `int`"),
        (("count = 2", "count = 0"), "groups[0].count: expected `int` >= 1"),
        (("count = 2", "cuont = 2"), "groups[0]: object contains unknown field `cuont`"),
        (
            ('model = "NL City 22"', 'model = "Toaster"'),
            "groups[0].model: expected one of VN-Home 11",
        ),
        (('"2.0.1"', '"3.0"'), "groups[0].version: '3.0' is not a version"),
        (('"extra-fields"', '"dances"'), "groups[0].quirks: expected names of quirks"),
        (("X-{n:03}", "X-{m}"), "groups[0].identity: expected a pattern like CP-{n:02}"),
        (("X-{n:03}", "X"), "groups: expected every identity once, but X comes 2 times"),
        (("city = 1", "bicycle = 1"), "groups[0].traffic.cars: expected names among city"),
        (("city = 1", "city = 0"), "groups[0].traffic.cars"),
        (
            ("[groups.traffic]", "[groups.traffic]\nsoc = [0.9, 0.1]"),
            "groups[0].traffic.soc: expected",
        ),
        (
            ("[groups.traffic]", "[groups.traffic]\nsoc = [10, 80]"),
            "groups[0].traffic.soc: expected",
        ),
        (
            ("[groups.traffic]", '[groups.faults]\nerror = "Sad"\n[groups.traffic]'),
            "groups[0].faults.error",
        ),
        ((",SoC", ",Mood"), "groups[0].metering.measurands: expected measurands"),
        (('name = "two"', ""), "object missing required field `name`"),
        (('name = "two"', 'name = "two"\ntokens = []'), "tokens: expected at least one"),
        (("[[groups]]", "[[groups"), "not TOML"),
    ],
)
def test_a_mistake_is_told_with_file_key_and_what_was_expected(change, told):
    with pytest.raises(ScenarioError) as error:
        Scenario.parse(GOOD.replace(*change), "my.toml")
    assert str(error.value).startswith("my.toml: ")
    assert told in str(error.value)


def test_several_mistakes_are_told_at_once():
    text = GOOD.replace("NL City 22", "Toaster").replace("extra-fields", "dances")
    with pytest.raises(ScenarioError) as error:
        Scenario.parse(text, "my.toml")
    assert len(error.value.problems) == 2


def test_a_file_is_loaded_by_its_path(tmp_path):
    path = tmp_path / "mine.toml"
    path.write_text(GOOD)
    assert Scenario.load(path).name == "two"


def test_what_is_not_there_is_told_with_what_is():
    with pytest.raises(ScenarioError, match=r"no such file.*demo, fleet, quirks"):
        Scenario.load("nowhere")


@pytest.mark.parametrize("name", names())
def test_the_scenarios_that_come_along_are_sound(name):
    scenario = Scenario.load(name)
    assert scenario.name == name
    assert scenario.description
    assert scenario.title


def test_the_demonstration_has_a_bit_of_everything():
    stations = Scenario.load("demo").stations
    assert len(stations) == 12
    assert len({plan.model.maker for plan in stations}) == 3
    assert {plan.version.label for plan in stations} == {"1.6", "2.0.1", "2.1"}
    assert {plan.model.direct for plan in stations} == {True, False}


def test_every_quirk_has_its_station():
    used = {quirk for plan in Scenario.load("quirks").stations for quirk in plan.quirks}
    assert used == set(Quirk)
