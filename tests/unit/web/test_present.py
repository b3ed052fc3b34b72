"""Numbers, durations and times, in both languages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from releve.web.present import ABSENT, Present, iso_utc, make_and_model, pretty, zone

NOW = datetime(2026, 11, 22, 9, 30, tzinfo=UTC)
EN = Present("en", "Europe/Paris", NOW)
FR = Present("fr", "Europe/Paris", NOW)


def plain(text: object) -> str:
    """With ordinary spaces."""
    return str(text).replace("\u00a0", " ").replace("\u202f", " ")


@pytest.mark.parametrize(
    ("english", "french", "value"),
    [
        ("12.35 kWh", "12,35 kWh", lambda p: p.kwh(12_345.6)),
        ("1,234.5 kWh", "1 234,5 kWh", lambda p: p.kwh(1_234_499, 1)),
        ("11.0 kW", "11,0 kW", lambda p: p.kw(11_000)),
        ("31 %", "31 %", lambda p: p.percent(31.2)),
        ("1,234.5", "1 234,5", lambda p: p.number(1234.5, 2)),
        ("2 d 3 h", "2 j 3 h", lambda p: p.span(2 * 86_400 + 3 * 3600 + 5)),
        ("1 h 05 min", "1 h 05 min", lambda p: p.span(3900)),
        ("12 min", "12 min", lambda p: p.span(725)),
        ("45 s", "45 s", lambda p: p.span(45)),
        ("0 s", "0 s", lambda p: p.span(-3)),
    ],
)
def test_values_read_as_people_write_them(english, french, value):
    assert plain(value(EN)) == english
    assert plain(value(FR)) == french


@pytest.mark.parametrize(
    "value", [EN.kwh(None), EN.kw(None), EN.number(None), EN.fixed(None, 1), EN.percent(None),
              EN.time(None), EN.moment(None), EN.duration(None)]
)  # fmt: skip
def test_unknown_is_not_zero(value):
    assert value == ABSENT


def test_times_are_in_the_persons_zone_and_keep_their_instant():
    assert EN.time(NOW) == (
        '<time datetime="2026-11-22T09:30:00Z" title="2026-11-22T09:30:00Z">10:30</time>'
    )
    yesterday, last_year = NOW - timedelta(days=1), NOW - timedelta(days=365)
    assert "21 Nov, 10:30" in EN.time(yesterday)
    assert "21 nov., 10:30" in FR.time(yesterday)
    assert "22 Nov 2025, 10:30" in EN.time(last_year)
    assert "22 Nov 2026, 10:30:00 CET" in EN.moment(NOW)
    assert "10:30:00.250" in EN.clock(NOW + timedelta(milliseconds=250))
    assert EN.zone_label == "Europe/Paris (UTC+01:00)"


@pytest.mark.parametrize(
    "name", ["", "Mars/Olympus", "../../etc/passwd", "/etc/passwd", "a\0b", "x" * 5000]
)
def test_a_zone_nobody_knows_is_utc(name):
    assert zone(name).key == "UTC"
    assert Present("en", name, NOW).zone_label == "UTC"


def test_forms_are_read_in_the_persons_zone():
    assert EN.read("2026-07-01T12:00") == datetime(2026, 7, 1, 10, tzinfo=UTC)
    assert EN.read("2026-12-01") == datetime(2026, 11, 30, 23, tzinfo=UTC)
    assert EN.read("2026-12-01", end=True) == datetime(2026, 12, 1, 23, tzinfo=UTC)
    assert EN.read(" ") is None
    assert EN.field(datetime(2026, 7, 1, 10, tzinfo=UTC)) == "2026-07-01T12:00"
    with pytest.raises(ValueError, match="Invalid isoformat"):
        EN.read("soon")


def test_a_day_of_the_clock_change_has_its_25_hours():
    assert EN.read("2026-10-25", end=True) - EN.read("2026-10-25") == timedelta(hours=25)


def test_iso_has_milliseconds_only_when_there_are_some():
    assert iso_utc(NOW) == "2026-11-22T09:30:00Z"
    assert iso_utc(NOW.replace(microsecond=1500)) == "2026-11-22T09:30:00.001Z"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (
            '{"a":7.10,"b":[1e3,-0],"c":{},"d":[]}',
            '{\n  "a": 7.10,\n  "b": [\n    1e3,\n    -0\n  ],\n  "c": {},\n  "d": []\n}',
        ),
        ('"é"', '"é"'),
        ('{"a":null,"b":true}', '{\n  "a": null,\n  "b": true\n}'),
        ("not json", "not json"),
        ("[" * 100_000, "[" * 100_000),
        ("", ""),
    ],
)  # fmt: skip
def test_payloads_are_indented_and_their_digits_kept(text, shown):
    assert pretty(text) == shown


@pytest.mark.parametrize(
    ("vendor", "model", "shown"),
    [
        ("Citrea", "Citrea Hyper 180", "Citrea Hyper 180"),
        ("CITREA", "citrea Hyper", "citrea Hyper"),
        ("Alfen", "NG9", "Alfen NG9"),
        ("Alfen", "", "Alfen"),
        ("", "NG9", "NG9"),
        ("", "", ""),
    ],
)
def test_a_make_is_not_said_twice(vendor, model, shown):
    assert make_and_model(vendor, model) == shown
