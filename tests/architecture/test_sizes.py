"""Files under 400 lines, functions under 40, so that a thing is understood without scrolling back."""

from __future__ import annotations

import pytest

from tests.support.source import ROOT, files, functions, is_generated, length, tree, where

FILE_LINES = 400
FUNCTION_LINES = 40

SOURCES = files("src", "tools", "bench", "tests", "hatch_build.py")
PAGES = files("src", suffixes=(".js", ".css", ".html", ".jinja", ".sql"))
WRITTEN = [path for path in SOURCES if not is_generated(path)]


def test_the_house_is_not_empty():
    assert len(WRITTEN) > 20


@pytest.mark.parametrize("path", [*WRITTEN, *PAGES], ids=where)
def test_a_file_is_short(path):
    lines = path.read_text("utf-8").count("\n")
    assert lines <= FILE_LINES, f"{where(path)} has {lines} lines"


@pytest.mark.parametrize(
    "path", [p for p in WRITTEN if not p.is_relative_to(ROOT / "tests")], ids=where
)
def test_a_function_is_short(path):
    long = [
        f"{where(path, function.lineno)} {function.name}: {length(function)} lines"
        for function in functions(tree(path))
        if length(function) > FUNCTION_LINES
    ]
    assert not long, "\n".join(long)
