"""Charging profiles, worked out by the simulator itself.

Nothing here is shared with the CSMS: a mistake of the one must show against the other.
"""
