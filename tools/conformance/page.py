"""docs/conformance.md, made of the cases and their tests."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Mapping
from itertools import groupby
from pathlib import Path

from tools.conformance.cases import ROOT, Case, Shown, cases, exempt, shown

PAGE = ROOT / "docs" / "conformance.md"
NO_RESULT = "not run"
TITLES = {
    "2.0.1": "OCPP 2.0.1 (most recur in 2.1, and are run in both)",
    "1.6": "OCPP 1.6",
    "2.1": "OCPP 2.1: what is new",
}
HEAD = """\
# Conformance

Read this when you want to know what has been shown to work, and how. Every public certification case for the CSMS has
a test that plays it against a running system over a real socket: a scripted station on one side, whose messages and
ours are held against the official schemas, and an operator who acts through the public REST API on the other. The
wording of the cases is ours.

    make conformance                                    run them all, and write this page
    make test ARGS="tests/contract/certification"       run them

Profiles: where the case is mandatory (M) or conditional (C) for a CSMS. The list of 2.1 has the cases that are new
against 2.0.1. Result: of the last `make conformance`; CI runs every test at each change and fails when one fails.
"""
ROW = re.compile(r"^\| `(TC_\w+)` .*\| ([^|]+) \|$", re.MULTILINE)


def page(results: Mapping[str, str]) -> str:
    """The page's text. results: by case id."""
    tests, reasons, all_cases = shown(), exempt(), cases()
    rows = {case.id: _row(case, tests.get(case.id, []), reasons, results) for case in all_cases}
    parts = [HEAD, _summary(all_cases, tests, reasons)]
    for version, of_version in groupby(all_cases, key=lambda c: c.version):
        parts.append(f"\n## {TITLES[version]}\n")
        for block, of_block in groupby(of_version, key=lambda c: c.block):
            parts.append(f"\n### {block}\n")
            parts.append(
                "| case | profiles | what | test | result |\n| --- | --- | --- | --- | --- |"
            )
            parts += [rows[case.id] for case in of_block]
    return "\n".join(parts) + "\n"


def kept_results(path: Path = PAGE) -> dict[str, str]:
    """The results that the page tells now."""
    text = path.read_text("utf-8") if path.is_file() else ""
    return {identity: result.strip() for identity, result in ROW.findall(text)}


def _row(
    case: Case, tests: list[Shown], reasons: Mapping[str, str], results: Mapping[str, str]
) -> str:
    if tests:
        where = ", ".join(
            f"[{t.test.removeprefix('test_')}](../tests/contract/certification/{t.file})"
            for t in tests
        )
        result = results.get(case.id, NO_RESULT)
    else:
        where = reasons.get(case.id, "no test")
        result = "exempt" if case.id in reasons else "missing"
    title = case.title.replace("|", "\\|")
    return f"| `{case.id}` | {case.profiles} | {title} | {where} | {result} |"


def _summary(
    all_cases: list[Case], tests: Mapping[str, list[Shown]], reasons: Mapping[str, str]
) -> str:
    total = Counter(case.version for case in all_cases)
    with_test = Counter(case.version for case in all_cases if case.id in tests)
    without = Counter(c.version for c in all_cases if c.id not in tests and c.id in reasons)
    lines = [
        "| version | cases | with a test | exempt, with the reason |",
        "| --- | ---: | ---: | ---: |",
    ]
    lines += [f"| {v} | {total[v]} | {with_test[v]} | {without[v]} |" for v in total]
    return "\n".join(lines)
