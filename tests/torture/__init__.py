"""Faults made on purpose, and the stations that know what must have survived them (docs/reliability.md).

The suite (`tests/e2e`) runs a seeded share of it; `make torture` the full numbers; `make soak` an hour without faults.
"""
