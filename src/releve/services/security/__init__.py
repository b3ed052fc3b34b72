"""A: who may come in, with what, and who signs for it."""
