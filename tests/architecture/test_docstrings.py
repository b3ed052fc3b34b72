"""A stranger reads the first line of a file and knows what it is for; of a function, what it gives."""

from __future__ import annotations

import ast

import pytest

from tests.support.source import (
    PACKAGE,
    files,
    is_generated,
    length,
    public_definitions,
    tree,
    where,
)

WRITTEN = [path for path in files("src", "tools", "bench") if not is_generated(path)]
# A handler is named by the message that it answers and typed by both ends: more would repeat that.
HANDLERS = ("dialects/", "simulator/v16/", "simulator/v201/", "simulator/v21/", "simulator/v2/")
EXPLAINED = [
    path
    for path in WRITTEN
    if not path.is_relative_to(PACKAGE)
    or not path.relative_to(PACKAGE).as_posix().startswith(HANDLERS)
]
# A conversion of a line or two says what it does in its name and types.
OBVIOUS_LINES = 4


@pytest.mark.parametrize("path", WRITTEN, ids=where)
def test_a_module_says_what_it_is_for(path):
    module = tree(path)
    assert not module.body or ast.get_docstring(module), f"{where(path)} has no docstring"


@pytest.mark.parametrize("path", EXPLAINED, ids=where)
def test_a_public_function_says_what_it_does(path):
    silent = [
        f"{where(path, definition.lineno)} {definition.name}"
        for definition in public_definitions(tree(path))
        if not isinstance(definition, ast.ClassDef)
        and not ast.get_docstring(definition)
        and length(definition) > OBVIOUS_LINES
    ]
    assert not silent, "no docstring: " + ", ".join(silent)
