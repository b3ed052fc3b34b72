"""House words: one vocabulary, nothing left undone, nothing of one developer's machine."""

from __future__ import annotations

import re

import pytest

from tests.support.source import PACKAGE, committed, files, is_generated, where

OLD_WORDS = re.compile(r"charge_point|id_tag|chargebox", re.IGNORECASE)
# Older versions' words live where those versions are spoken.
OLD_WORDS_ALLOWED = ("dialects/v15", "dialects/v16", "ocpp", "simulator")

UNDONE = re.compile(r"\b(?:TO" r"DO|FIX" r"ME|XX" r"X|HA" r"CK|NotImplemented" r"Error)\b")

# Written so that they do not match themselves.
LEAKS = {
    "a path of somebody's machine": re.compile(
        r"(?<![\w.-])/(?:root|home|Users|work)/[A-Za-z0-9._-]+"
    ),
    "a registry's address": re.compile(
        r"https?://[^\s/]*(?:registry\.|pypi\.|pythonhosted\.)[^\s/]*/"
    ),
    "a private key": re.compile(r"-----BEGIN (?:[A-Z]+ )?PRIVATE" r" KEY-----"),
}
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".json",
    ".txt",
    ".sh",
    ".yaml",
    ".yml",
    ".html",
    ".js",
    ".css",
    ".cfg",
    "",
}


def findings(path, pattern):
    for number, line in enumerate(path.read_text("utf-8").splitlines(), 1):
        if found := pattern.search(line):
            yield f"{where(path, number)} {found.group()!r}"


def speaks_the_old_words(path):
    inside = path.relative_to(PACKAGE).as_posix()
    return any(inside == room or inside.startswith(f"{room}/") for room in OLD_WORDS_ALLOWED)


NEW_ROOMS = [
    path
    for path in files("src/releve", suffixes=(".py", ".html", ".jinja", ".js", ".sql"))
    if not speaks_the_old_words(path)
]


@pytest.mark.parametrize("path", NEW_ROOMS, ids=where)
def test_the_vocabulary_is_that_of_ocpp_2_1(path):
    assert not list(findings(path, OLD_WORDS))


@pytest.mark.parametrize(
    "path", files("src", "tools", "bench", "tests", "hatch_build.py"), ids=where
)
def test_nothing_is_left_undone(path):
    if is_generated(path):
        return
    assert not list(findings(path, UNDONE))


@pytest.mark.parametrize("kind", LEAKS)
def test_nothing_of_one_machine_is_committed(kind):
    texts = (path for path in committed() if path.suffix in TEXT)
    assert not [finding for path in texts for finding in findings(path, LEAKS[kind])]


def test_the_lock_files_name_no_registry():
    for path in committed():
        if path.name == "package-lock.json":
            assert '"resolved":' not in path.read_text("utf-8")
        if path.name == "constraints.txt":
            assert "://" not in path.read_text("utf-8")


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (OLD_WORDS, "charge_point = station"),
        (OLD_WORDS, "chargeBoxId"),
        (OLD_WORDS, "the id_tag"),
        (UNDONE, "# TO" + "DO later"),
        (LEAKS["a path of somebody's machine"], "open('/ho" + "me/ada/x')"),
        (LEAKS["a registry's address"], "https://regis" + "try.example.org/x"),
    ],
)
def test_the_patterns_find_what_they_are_for(pattern, text):
    assert pattern.search(text)
