"""Charging stations and cars, for demonstrations, tests and load."""
