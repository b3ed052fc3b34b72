"""Scheduling: domain values in, schedules out. No clock, no I/O, no protocol version.

What a set of charging profiles allows at each moment is worked out exactly, in fractions: `composite.py`. `compare.py`
holds it against what a station says, `adapt.py` makes a profile fit what a station can take, `plan.py` makes one from
what a car needs, and `within.py` judges the car's own plan.
"""
