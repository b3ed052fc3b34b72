"""`python -m tools.conformance [--write]`: run the certification cases and write docs/conformance.md."""

from __future__ import annotations

import sys
from collections.abc import Sequence

import pytest

from tools.conformance.cases import TESTS
from tools.conformance.page import PAGE, kept_results, page


class Recorder:
    """Notes what came of each case: passed only when all of its tests did."""

    def __init__(self) -> None:
        self.results: dict[str, str] = {}
        self._cases: dict[str, tuple[str, ...]] = {}

    def pytest_collection_modifyitems(self, items: Sequence[pytest.Item]) -> None:
        """Learn which test shows which cases."""
        for item in items:
            marks = item.iter_markers("case")
            self._cases[item.nodeid] = tuple(str(i) for mark in marks for i in mark.args)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Take in a phase of a test."""
        if report.when != "call" and report.passed:
            return
        for identity in self._cases.get(report.nodeid, ()):
            if self.results.get(identity, "passed") == "passed":
                self.results[identity] = str(report.outcome)


def main(arguments: list[str]) -> int:
    """--write: only write the page anew, with the results that it has."""
    results = kept_results()
    code = 0
    if "--write" not in arguments:
        recorder = Recorder()
        code = int(pytest.main(["-q", "-p", "no:xdist", str(TESTS), *arguments], [recorder]))
        results |= recorder.results
    PAGE.write_text(page(results), "utf-8")
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
