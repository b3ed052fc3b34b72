"""Blocks C and D, built and tied together: the register of tokens, and the lists that follow it."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

from releve.services.local_list_upkeep import ListUpkeep
from releve.services.local_lists import LocalLists
from releve.services.tokens import TokenDesk

if TYPE_CHECKING:
    from releve.app.house_services import Ground


def token_block(g: Ground) -> dict[str, Any]:
    """The services by their names in `Services`."""
    tokens = TokenDesk(g.store, g.clock, g.ids)
    rest = timedelta(seconds=g.settings.local_list_delay)
    lists = LocalLists(g.store, g.clock, g.commands, g.operations, g.presence, g.limits, rest=rest)
    tokens.when_changed(lists.touched)
    return {
        "tokens": tokens,
        "local_list": lists,
        "list_upkeep": ListUpkeep(g.store, g.clock, g.presence, lists),
    }
