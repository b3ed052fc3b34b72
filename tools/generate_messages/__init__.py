"""Writes `releve.ocpp.messages` from the official schemas: `python -m tools.generate_messages`.

The schemas are read from the PyPI package `ocpp` (a development dependency); what they say wrongly,
and what they do not say (names of inline types, blocks, directions), stands in `overlay.toml`.
"""
