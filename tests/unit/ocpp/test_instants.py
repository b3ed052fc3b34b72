"""Reading times that msgspec refuses, and writing ours."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest

from releve.ocpp.instants import read_instant, write_instant

SECOND = datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-01-02T03:04:05", SECOND),
        ("2026-01-02 03:04:05", SECOND),
        (" 2026-01-02T03:04:05Z\n", SECOND),
        ("2026-01-02T03:04:05 Z", SECOND),
        ("2026-01-02T03:04:05.Z", SECOND),
        ("2026-01-02T03:04:05,5Z", SECOND + timedelta(seconds=0.5)),
        ("2026-01-02T03:04:05.123456789", SECOND + timedelta(microseconds=123456)),
        ("2026-1-2T3:4:5Z", SECOND),
        ("2026-01-02T03:04Z", SECOND - timedelta(seconds=5)),
        ("2026-01-02T05:04:05+02", SECOND),
        ("2026-01-01T21:34:05-0530", SECOND),
        ("2026-01-02T03:04:60Z", SECOND + timedelta(seconds=55)),
        ("2026-01-02T24:00:00Z", datetime(2026, 1, 3, tzinfo=UTC)),
        ("20260102T030405Z", SECOND),
        (1767323045, SECOND),
        (1767323045000, SECOND),
    ],
)
def test_the_time_that_was_meant(text: object, instant: datetime) -> None:
    found = read_instant(text)
    assert found is not None
    assert found[0] == instant
    assert found[0].tzinfo is not None


@pytest.mark.parametrize(
    "text",
    [
        "",
        "soon",
        "2026-13-01T00:00:00Z",
        "2026-01-02T25:00:00Z",
        "2026-01-02T03:61:00Z",
        "2026-01-02T03:04:05+99:00",
        "0000-00-00T00:00:00Z",
        "9999-12-31T24:00:00Z",
        "9" * 100,
        1e300,
        True,
        None,
        [],
    ],
)
def test_no_time_at_all(text: object) -> None:
    assert read_instant(text) is None


def test_a_missing_zone_is_told() -> None:
    found = read_instant("2026-01-02T03:04:05")
    assert found is not None
    assert found[1] == "no time zone, read as UTC"


@pytest.mark.parametrize(
    ("instant", "text"),
    [
        (SECOND, "2026-01-02T03:04:05.000Z"),
        (SECOND.replace(microsecond=999999), "2026-01-02T03:04:05.999Z"),
        (SECOND.astimezone(timezone(timedelta(hours=-9))), "2026-01-02T03:04:05.000Z"),
        (
            datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=14))),
            "0001-01-01T00:00:00.000+14:00",
        ),
    ],
)
def test_writing(instant: datetime, text: str) -> None:
    assert write_instant(instant) == text


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="time zone"):
        write_instant(SECOND.replace(tzinfo=None))
