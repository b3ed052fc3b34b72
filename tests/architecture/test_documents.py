"""Documents that would rot unseen: decisions, links, and the list of habits."""

from __future__ import annotations

import json
import re
import subprocess

import pytest

from tests.support.source import ROOT, files, where

DECISIONS = ROOT / "docs" / "decisions"
SECTIONS = ("## Decision", "## Drawbacks")
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")

documents = [*files("docs", suffixes=(".md",)), *(p for p in ROOT.glob("*.md"))]
decisions = sorted(p for p in DECISIONS.glob("[0-9]*.md") if p.name != "0000-template.md")


@pytest.mark.parametrize("path", decisions, ids=where)
def test_a_decision_says_why_and_what_it_costs(path):
    text = path.read_text("utf-8")
    missing = [section for section in SECTIONS if section not in text]
    assert not missing, f"{where(path)} lacks {missing}"


@pytest.mark.parametrize("path", documents, ids=where)
def test_every_link_within_the_repository_leads_somewhere(path):
    targets = (link.partition("#")[0] for link in LINK.findall(path.read_text("utf-8")))
    local = (
        target for target in targets if target and "://" not in target and "mailto:" not in target
    )
    broken = [target for target in local if not (path.parent / target).exists()]
    assert not broken, f"{where(path)} points at {broken}"


def test_make_alone_lists_every_habit():
    listed = subprocess.run(
        ["make", "-C", str(ROOT)], capture_output=True, text=True, check=True
    ).stdout
    for habit in (
        "run",
        "demo",
        "test",
        "check",
        "format",
        "generate",
        "bench",
        "docs",
        "lock",
        "clean",
    ):
        assert re.search(rf"^  {habit} +\S", listed, re.MULTILINE), f"make {habit} is not listed"


def test_the_shipped_browser_libraries_are_declared():
    declared = (ROOT / "THIRD_PARTY.md").read_text("utf-8")
    for name, version in json.loads((ROOT / "package.json").read_text("utf-8"))[
        "dependencies"
    ].items():
        assert f"| `{name}` | {version} |" in declared
