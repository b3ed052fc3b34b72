"""Loading the functional blocks of a dialect: all modules of its package."""

from __future__ import annotations

import pkgutil
from collections.abc import Iterable
from importlib import import_module


def load_blocks(package: str, path: Iterable[str]) -> None:
    """Import every module of a dialect's package, in the order of names: their decorators declare the handlers."""
    for module in sorted(pkgutil.iter_modules(path), key=lambda m: m.name):
        import_module(f"{package}.{module.name}")
