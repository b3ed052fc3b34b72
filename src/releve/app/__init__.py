"""The only place where rooms are wired together."""

from releve.app.node import Node, start_node

__all__ = ["Node", "start_node"]
