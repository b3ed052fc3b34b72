"""Fleets: many stations with drivers, described by a scenario file."""
