"""The handlers of 1.6, gathered: importing the modules registers them."""

from releve.simulator.v16 import (
    handle_certificates,
    handle_charging,
    handle_settings,
    handle_smart_charging,
    handle_upkeep,
)
from releve.simulator.v16.registry import answers

__all__ = [
    "answers",
    "handle_certificates",
    "handle_charging",
    "handle_settings",
    "handle_smart_charging",
    "handle_upkeep",
]
