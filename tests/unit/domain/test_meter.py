"""Picking out what charts and totals need."""

from datetime import UTC, datetime

from releve.domain.meter import Reading, summarise

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
ENERGY = "Energy.Active.Import.Register"
POWER = "Power.Active.Import"


def test_a_reading_without_phase_wins_over_phases() -> None:
    readings = (
        Reading(POWER, 7000.0, "W"),
        *(Reading(POWER, 1.0, "W", phase=p) for p in ("L1", "L2", "L3")),
    )
    assert summarise(NOON, readings).power_w == 7000


def test_phases_are_added_for_energy_and_power_and_the_highest_counts_for_current() -> None:
    readings = tuple(
        reading
        for phase, amps in (("L1", 10.0), ("L2", 16.0), ("L3", 12.0))
        for reading in (
            Reading(POWER, 1000.0, "W", phase=phase),
            Reading(ENERGY, 100.0, "Wh", phase=phase),
            Reading("Current.Import", amps, "A", phase=phase),
            Reading("Voltage", 230.0, "V", phase=f"{phase}-N"),
        )
    )
    sample = summarise(NOON, readings)
    assert (sample.power_w, sample.energy_wh) == (3000, 300)
    assert (sample.current_a, sample.voltage_v) == (16, 230)


def test_the_inlet_includes_the_stations_own_use_and_does_not_count() -> None:
    sample = summarise(NOON, (Reading(ENERGY, 9000.0, "Wh", location="Inlet"),))
    assert sample.energy_wh is None


def test_what_is_no_number_counts_for_nothing_and_stays() -> None:
    reading = Reading(ENERGY, None, "Wh", text="string")
    sample = summarise(NOON, (reading,))
    assert sample.energy_wh is None
    assert sample.readings == (reading,)


def test_voltage_between_phases_is_not_that_of_a_phase() -> None:
    assert summarise(NOON, (Reading("Voltage", 400.0, "V", phase="L1-L2"),)).voltage_v is None


def test_state_of_charge() -> None:
    assert summarise(NOON, (Reading("SoC", 55.0, "Percent", location="EV"),)).soc_pct == 55


def test_power_that_is_given_back_counts_below_zero() -> None:
    taken, given = Reading("Power.Active.Import", 0.0), Reading("Power.Active.Export", 9000.0)
    assert summarise(NOON, (taken, given)).power_w == -9000
    assert summarise(NOON, (given,)).power_w == -9000
    nothing = Reading("Power.Active.Export", 0.0)
    assert summarise(NOON, (Reading("Power.Active.Import", 700.0), nothing)).power_w == 700
    phases = tuple(Reading("Power.Active.Export", 1000.0, phase=f"L{n}") for n in (1, 2, 3))
    assert summarise(NOON, phases).power_w == -3000
