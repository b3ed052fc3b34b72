"""Numbers and units as stations write them."""

from __future__ import annotations

import pytest

from releve.dialects.measured import lenient_number, quantity, scaled, unit


@pytest.mark.parametrize(
    ("text", "number", "written"),
    [
        ("12,5", 12.5, ""),
        ("12.5 kWh", 12.5, "kWh"),
        ("  -3,25A ", -3.25, "A"),
        ("+7%", 7.0, "%"),
        (",5", 0.5, ""),
        ("12.", 12.0, ""),
        ("1e3 W", 1000.0, "W"),
    ],
)
def test_a_number_with_a_comma_or_a_unit_is_read(text, number, written):
    assert lenient_number(text) == (number, written)


@pytest.mark.parametrize(
    "text", ["", " ", "string", "1,234.5", "1.234,5", "1 234", "0x1F", "--", ",", "12.5 kWh/h"]
)
def test_what_is_not_certainly_a_number_is_none(text):
    assert lenient_number(text)[0] is None


@pytest.mark.parametrize(
    ("text", "base"),
    [
        ("kWh", ("Wh", 3)),
        ("KWH", ("Wh", 3)),
        (" kwh\n", ("Wh", 3)),
        ("Celcius", ("Celsius", 0)),
        ("Hertz", ("Hz", 0)),
        ("MW", ("W", 6)),
        ("mA", ("A", -3)),
        ("RPM", ("RPM", 0)),
    ],
)
def test_units_become_base_units_whatever_their_spelling(text, base):
    assert unit(text) == base


def test_case_is_not_ignored_where_it_has_a_meaning():
    assert unit("mw") == ("mw", 0)


@pytest.mark.parametrize(
    ("name", "known_as", "assumed"),
    [
        ("Energy.Active.Import.Register", "Energy.Active.Import.Register", "Wh"),
        ("Voltage\n", "Voltage", "V"),
        ("Energy.Reactive.Export.Register", "Energy.Reactive.Export.Register", "varh"),
        ("Power.Factor", "Power.Factor", ""),
        ("Current.Offered", "Current.Offered", "A"),
        ("SoC", "SoC", "Percent"),
        ("", "Energy.Active.Import.Register", "Wh"),
        ("Made.Up", "Made.Up", ""),
    ],
)
def test_a_measurand_has_a_clean_name_and_a_unit_of_its_own(name, known_as, assumed):
    assert quantity(name, None) == (known_as, assumed, 0)


def test_invented_measurands_do_not_fill_the_memory():
    from releve.dialects import measured

    for n in range(2 * measured._QUANTITIES_KEPT):
        assert quantity(f"Invented.{n}", None) == (f"Invented.{n}", "", 0)
    assert len(measured._QUANTITIES) <= measured._QUANTITIES_KEPT


def test_the_unit_that_was_sent_wins_over_the_measurands_own():
    assert quantity("Voltage", "kV") == ("Voltage", "V", 3)
    assert quantity("Voltage", None) == ("Voltage", "V", 0)
    assert quantity("Voltage", "") == ("Voltage", "", 0)


@pytest.mark.parametrize(
    ("value", "power", "result"),
    [
        (12.345, 3, 12345.0),
        (8.201, 3, 8201.0),  # 8200.999999999999 in plain floats
        (33.3, 0, 33.3),
        (1500.0, -3, 1.5),
        (1.0, 25, None),
        (1.0, -25, None),
        (1e300, 20, None),
    ],
)
def test_scaling_shows_no_binary_fractions_and_no_infinity(value, power, result):
    assert scaled(value, power) == result
