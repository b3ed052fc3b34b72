"""What the documents and the files for operators name must exist in the code."""

from __future__ import annotations

import re

import click
import pytest

from releve.cli import main
from releve.settings import PREFIX, Settings
from tests.support.source import ROOT, files, where
from tools.build_docs import __main__ as build_docs
from tools.build_docs.settings_page import read

OUTSIDE = [
    ROOT / "README.md",
    ROOT / "SECURITY.md",
    *files("docs", "deploy", suffixes=(".md", ".yaml", ".env", ".service")),
]
VARIABLE = re.compile(r"\bRELEVE_(?!TEST_)[A-Z0-9_]+\b")
METRIC = re.compile(r"\breleve_[a-z_]+")
COMMAND = re.compile(r"^ *(?:\S*/)?releve ([a-z]+)", re.MULTILINE)


SETTINGS = read(Settings)


def options(command):
    """Variables that options of commands are read from."""
    for parameter in command.params:
        if isinstance(parameter.envvar, str):
            yield parameter.envvar
    if isinstance(command, click.Group):
        context = click.Context(command)
        for name in command.list_commands(context):
            yield from options(command.get_command(context, name))


def test_every_setting_is_explained():
    silent = [setting.name for setting in SETTINGS if not setting.meaning]
    assert not silent, f"settings without a description: {silent}"


@pytest.mark.parametrize("path", OUTSIDE, ids=where)
def test_a_variable_that_is_named_exists(path):
    known = {PREFIX + "CONFIG", *(setting.variable for setting in SETTINGS), *options(main)}
    unknown = set(VARIABLE.findall(path.read_text("utf-8"))) - known
    assert not unknown, f"{where(path)} names {sorted(unknown)}"


def test_the_settings_page_is_current():
    for path, text in build_docs.pages().items():
        assert path.read_text("utf-8") == text, f"{where(path)} is out of date: make docs"


def test_the_dashboard_draws_metrics_that_exist():
    source = "\n".join(path.read_text("utf-8") for path in files("src"))
    drawn = METRIC.findall((ROOT / "deploy" / "grafana" / "releve.json").read_text("utf-8"))
    assert drawn
    # The client library adds these endings to the names in the source.
    stems = {re.sub(r"_(total|bucket|sum|count)$", "", name) for name in drawn}
    missing = {stem for stem in stems if not re.search(rf"[\"']{stem}(_total)?[\"']", source)}
    assert not missing


def test_every_command_loads_and_explains_itself():
    context = click.Context(main)
    for name in main.list_commands(context):
        command = main.get_command(context, name)
        assert command is not None
        assert command.help, f"releve {name} has no help"


def test_the_commands_of_the_readme_exist():
    named = set(COMMAND.findall((ROOT / "README.md").read_text("utf-8")))
    assert named
    assert named <= set(main.list_commands(click.Context(main)))
