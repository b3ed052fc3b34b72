"""The servers that are measured. Each is a process of its own that prints `READY <port>` when it listens."""
