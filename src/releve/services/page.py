"""What all views have, and a page of them."""

from __future__ import annotations

from typing import Generic, TypeVar

import msgspec

T = TypeVar("T")


class View(msgspec.Struct, frozen=True, kw_only=True):
    pass


class Page(msgspec.Struct, Generic[T], frozen=True, kw_only=True):
    """One page of a list. next: cursor of the following page, None on the last. Cursors are opaque text."""

    items: list[T]
    next: str | None = None
