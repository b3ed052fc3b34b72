"""docs/commands.md names every command."""

from __future__ import annotations

from pathlib import Path

import click

from releve.cli import COMMANDS, main

PAGE = Path(__file__).parents[3] / "docs" / "commands.md"


def test_every_command_is_on_the_page() -> None:
    rows = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("| `releve ")]
    context = click.Context(main)
    missing = []
    for name in COMMANDS:
        command = main.get_command(context, name)
        assert command is not None
        if not isinstance(command, click.Group):
            missing += [] if any(f"`releve {name}`" in row for row in rows) else [name]
            continue
        own = [row for row in rows if f"`releve {name} " in row]
        for inner in command.commands:
            spelled = (f"`releve {name} {inner}", f"`{inner}`")
            if not any(spelling in row for row in own for spelling in spelled):
                missing.append(f"{name} {inner}")
    assert missing == []
