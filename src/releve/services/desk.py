"""What the API and the console are given: everything that a person can see or do goes through here."""

from __future__ import annotations

from dataclasses import dataclass

from releve.services.ports import Clock, Feed, Presence
from releve.services.services import Services
from releve.services.views import Catalogue
from releve.settings import Settings


@dataclass(frozen=True, slots=True)
class Desk:
    services: Services
    catalogue: Catalogue
    feed: Feed
    presence: Presence
    clock: Clock
    settings: Settings

    def __deepcopy__(self, memo: dict[int, object]) -> Desk:
        """A handle, not a value: a web framework that copies its routers must not copy the house."""
        return self
