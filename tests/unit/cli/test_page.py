"""docs/commands.md names every command, and none that there is not."""

from __future__ import annotations

import re
from pathlib import Path

import click

from releve.cli import COMMANDS, main

NAMED = re.compile(r"`([^`]+)`")
PAGE = Path(__file__).parents[3] / "docs" / "commands.md"


def rows() -> list[str]:
    """Lines of the page's tables that name commands."""
    return [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `releve ")]


def test_every_command_is_on_the_page() -> None:
    context = click.Context(main)
    missing = []
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        if not isinstance(command, click.Group):
            missing += [] if any(f"`releve {name}`" in row for row in rows()) else [name]
            continue
        own = [row for row in rows() if f"`releve {name} " in row]
        for inner in command.commands:
            spelled = (f"`releve {name} {inner}", f"`{inner}`")
            if not any(spelling in row for row in own for spelling in spelled):
                missing.append(f"{name} {inner}")
    assert missing == []


def test_no_other_command_is_on_the_page() -> None:
    context = click.Context(main)
    unknown = []
    for row in rows():
        group: click.Command | None = None
        for name in NAMED.findall(row.split("|")[1]):
            words = name.removeprefix("releve ").split()
            if name.startswith("releve "):
                group = main.get_command(context, words.pop(0))
            inner = words[0] if words else None
            known = inner is None or (isinstance(group, click.Group) and inner in group.commands)
            if group is None or not known:
                unknown.append(name)
    assert unknown == []
