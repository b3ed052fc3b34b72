"""What an operator's business does: one file per functional block, and the ports it needs."""
