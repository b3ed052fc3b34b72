"""Every certification case is shown by a test or has a reason; the page that says so is current."""

from __future__ import annotations

from tools.conformance.cases import cases, exempt, shown
from tools.conformance.page import PAGE, kept_results, page

IDS = {case.id for case in cases()}


def test_the_list_has_every_public_case():
    assert len(IDS) == len(cases()) == 401


def test_tests_name_cases_that_exist():
    assert not set(shown()) - IDS
    assert not set(exempt()) - IDS


def test_cases_are_found_on_parameter_sets_too():
    resets = {test.test for i in ("TC_013_CSMS", "TC_014_CSMS") for test in shown()[i]}
    assert resets == {"test_reset"}


def test_no_case_is_skipped_without_a_reason():
    assert not sorted(IDS - set(shown()) - set(exempt()))
    assert not set(shown()) & set(exempt()), "a case with a test needs no exemption"
    assert all(len(reason) > 20 for reason in exempt().values())


def test_the_page_is_current_and_every_case_passed():
    results = kept_results()
    assert PAGE.read_text("utf-8") == page(results), "out of date: make conformance"
    assert {i for i in shown() if results.get(i) != "passed"} == set()
