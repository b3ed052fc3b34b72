"""K: charging profiles, composite schedules, limits from outside, and what cars need."""
