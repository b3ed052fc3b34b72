"""The only place where rooms are wired together."""

from releve.app.collector import calm_collector
from releve.app.node import Node, start_node

__all__ = ["Node", "calm_collector", "start_node"]
