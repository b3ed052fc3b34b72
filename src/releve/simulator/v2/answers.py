"""The handlers of 2.x, gathered: importing the modules registers them."""

from releve.simulator.v2 import (
    handle_certificates,
    handle_charging,
    handle_der,
    handle_driver,
    handle_dynamic_charging,
    handle_monitoring,
    handle_settings,
    handle_smart_charging,
    handle_swap,
    handle_upkeep,
    handle_v2x,
    publishing,
)
from releve.simulator.v2.registry import answers

__all__ = [
    "answers",
    "handle_certificates",
    "handle_charging",
    "handle_der",
    "handle_driver",
    "handle_dynamic_charging",
    "handle_monitoring",
    "handle_settings",
    "handle_smart_charging",
    "handle_swap",
    "handle_upkeep",
    "handle_v2x",
    "publishing",
]
