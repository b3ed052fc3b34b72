"""The vocabulary covers what the domain can say."""

from __future__ import annotations

import importlib
import inspect
import re
from pathlib import Path

import pytest

import releve.services
from releve.domain import anomaly as domain_anomaly
from releve.domain.anomaly import AnomalyKind
from releve.domain.commands import Outcome, Result
from releve.domain.station import BootDecision, ChargingState, Connectivity, ConnectorStatus
from releve.domain.token import Verdict
from releve.domain.transaction import EventKind, TransactionState
from releve.services.access import ROLES
from releve.web import words
from releve.web.operation_words import KINDS
from releve.web.pages.station_commands import words as outcome_words

TONES = {"ok", "busy", "calm", "warn", "bad", "mute"}


@pytest.mark.parametrize(
    ("vocabulary", "values"),
    [
        (words.CONNECTIVITY, Connectivity),
        (words.STATUS, ConnectorStatus),
        (words.CHARGING, ChargingState),
        (words.STATE, TransactionState),
        (words.VERDICT, Verdict),
        (words.BOOT, BootDecision),
        (words.FACT, EventKind),
        (words.ROLE, ROLES),
        (words.OUTCOME, ("answered", "error", "timeout", "malformed", "dropped", "send")),
    ],
)
def test_every_value_has_a_word(vocabulary, values):
    assert set(vocabulary) == {str(value) for value in values}
    assert {tone for tone, _ in vocabulary.values()} <= TONES


def test_anomalies_are_explained_as_the_domain_does():
    assert set(words.ANOMALY) == set(AnomalyKind)
    source = inspect.getsource(domain_anomaly)
    for _, explanation in words.ANOMALY.values():
        assert explanation in source


def test_a_value_of_later_versions_is_shown_as_it_is():
    assert words.word("status", "Levitating") == ("mute", "Levitating")
    assert words.word("status", None) == ("mute", "–")
    assert words.anomaly("new-kind") == ("new-kind", "")


def test_every_result_has_words_of_its_own():
    titles = [outcome_words(Outcome(result=result))[1] for result in Result]
    assert len(set(titles)) == len(Result)


def test_every_kind_of_operation_has_words():
    """What services begin: the third argument of `operations.begin(...)`, a constant of the module or of the domain."""
    begun = set()
    for file in Path(releve.services.__path__[0]).rglob("*.py"):
        names = re.findall(r"_operations\.begin\(\s*[\w.]+,\s*[\w.]+,\s*(\w+),", file.read_text())
        module = ".".join(file.relative_to(Path(releve.__path__[0])).with_suffix("").parts)
        begun |= {getattr(importlib.import_module(f"releve.{module}"), name) for name in names}
    assert len(begun) > 15
    assert begun <= KINDS.keys()
