"""Time and randomness are arguments in the rooms that decide, so that faults and months can be simulated."""

from __future__ import annotations

import ast

import pytest

from tests.support.source import files, is_generated, tree, where

PURE = ("ocpp", "domain", "energy", "services", "dialects")
HIDDEN_INPUTS = {
    "datetime.now",
    "datetime.utcnow",
    "datetime.today",
    "date.today",
    "time.time",
    "time.time_ns",
    "time.monotonic",
    "time.monotonic_ns",
    "time.perf_counter",
    "time.sleep",
    "os.urandom",
    "uuid.uuid1",
    "uuid.uuid4",
    "uuid1",
    "uuid4",
    "random.random",
    "random.randint",
    "random.randrange",
    "random.choice",
    "random.uniform",
    "secrets.token_hex",
    "secrets.token_bytes",
    "secrets.token_urlsafe",
    "secrets.choice",
    "secrets.randbelow",
}


def hidden_inputs(module: ast.Module) -> list[tuple[int, str]]:
    """Calls (and default factories) that read a clock or a source of chance: (line, dotted name)."""
    return [
        (node.lineno, name)
        for node in ast.walk(module)
        if isinstance(node, ast.Attribute | ast.Name)
        and (name := ast.unparse(node).removeprefix("datetime.datetime.")) in HIDDEN_INPUTS
    ]


@pytest.mark.parametrize("path", files(*(f"src/releve/{room}" for room in PURE)), ids=where)
def test_a_pure_room_reads_no_clock_and_rolls_no_dice(path):
    if is_generated(path):
        return
    assert not [f"{where(path, line)} {name}" for line, name in hidden_inputs(tree(path))]


def test_the_check_finds_what_it_is_for():
    module = ast.parse("def f():\n    return datetime.now(UTC), uuid4()\n")
    assert [name for _, name in hidden_inputs(module)] == ["datetime.now", "uuid4"]
