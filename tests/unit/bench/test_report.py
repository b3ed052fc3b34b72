"""The tables, and the place that they are written to."""

from __future__ import annotations

import json

import pytest

from bench.databases import Sqlite
from bench.hot_path import Plan, Result, Window, _compare, verify
from bench.idle import Idle
from bench.messages import V16
from bench.processes import BenchError
from bench.report import BEGIN, END, Report, write


def result(subject, *microseconds):
    windows = [Window(1000, us, 1.0, 2.0, 5000.0) for us in microseconds]
    return Result(subject, subject.title(), "MeterValues", V16, windows)


@pytest.fixture
def report():
    results = [result("echo", 10.0, 20.0, 10.0), result("ours", 30.0, 80.0, 40.0)]
    _compare(results)
    return Report(500, results, [Idle("ours", 5000, 8192.0, 400.0, 2500.0)], {"npm": "no Node"}, {})


def test_ratios_are_taken_within_each_repetition(report):
    assert [r.ratio for r in report.results] == [1.0, 4.0]
    assert report.results[1].middle("us") == 40.0


def test_the_table_replaces_only_what_stands_between_the_markers(report, tmp_path):
    page = tmp_path / "performance.md"
    page.write_text(f"before\n{BEGIN}\nold\n{END}\nafter\n")

    write(report, page)
    write(report, page)

    text = page.read_text()
    assert text.startswith(f"before\n{BEGIN}\n")
    assert text.endswith(f"\n{END}\nafter\n")
    assert "old" not in text
    assert text.count("| Ours | 40.0 | 4.0 |") == 1
    assert "| ours | 5,000 | 8.0 | 400 | 2,500 |" in text


def test_a_page_without_markers_is_left_alone(report, tmp_path):
    page = tmp_path / "performance.md"
    page.write_text("nothing here")
    with pytest.raises(ValueError, match="bench: begin"):
        write(report, page)


def test_json_holds_every_window(report):
    found = json.loads(report.as_json())
    assert [w["us"] for w in found["results"][1]["windows"]] == [30.0, 80.0, 40.0]
    assert found["machine"]["cores"]


async def test_a_message_that_is_not_stored_makes_the_run_fail(tmp_path):
    from releve import storage

    database = Sqlite(tmp_path)
    await storage.migrate(database.url)

    verify(database, V16, 0, Plan(1, 1, 1.0))
    with pytest.raises(BenchError, match="0 meter samples stored, 1 acknowledged"):
        verify(database, V16, 1, Plan(1, 1, 1.0))
