"""What a message costs, beside other stacks. `python -m bench --help`; docs/performance.md explains the figures."""
