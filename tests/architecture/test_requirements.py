"""Each requirement that OCPP addresses to a CSMS is cited where it is obeyed or shown, or it is said why not."""

from __future__ import annotations

import re
from pathlib import Path

from tools.requirements.citations import citations, cited, exempt, requirements, uncited

IDENTITY = re.compile(r"[A-Z]\d\d\.FR\.\d{2,3}")


def test_the_list_names_requirements_only():
    found = requirements()
    assert len(found) > 200
    assert all(IDENTITY.fullmatch(requirement.id) for requirement in found)
    assert len({requirement.id for requirement in found}) == len(found)
    assert all(set(r.versions) <= {"2.0.1", "2.1"} and r.versions for r in found)


def test_every_requirement_is_cited_or_has_a_reason():
    missing = [r.id for r in uncited() if r.id not in exempt()]
    assert not missing, f"cite them where they are obeyed, or give a reason: {missing}"


def test_a_reason_is_given_for_what_is_asked_of_us_only():
    strangers = set(exempt()) - {requirement.id for requirement in requirements()}
    assert not strangers, f"no such requirements are addressed to the CSMS: {sorted(strangers)}"


def test_a_reason_says_something():
    assert [
        i for i, reason in exempt().items() if len(reason) < 20 or "not cited yet" in reason.lower()
    ] == []


def test_no_reason_is_left_over():
    left = sorted(set(exempt()) & set(citations()))
    assert not left, f"cited by now: python -m tools.requirements --prune forgets them: {left}"


def test_citations_are_found_as_people_write_them(tmp_path: Path):
    assert list(cited("# C07.FR.15, FR.16: and M06.FR.02")) == [
        "C07.FR.15",
        "C07.FR.16",
        "M06.FR.02",
    ]
    assert list(cited("FR.16 alone says nothing, nor does xC07.FR.1")) == []
    path = tmp_path / "one.py"
    path.write_text("x = 1  # A00.FR.001\n", "utf-8")
    assert [place.line for place in citations([path])["A00.FR.001"]] == [1]
