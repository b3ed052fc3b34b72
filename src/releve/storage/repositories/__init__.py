"""The unit of work's repositories, one for each port in `services.ports`."""
