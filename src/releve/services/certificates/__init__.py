"""X.509: reading, checking, signing and revoking certificates. Pure functions; what is kept and sent is elsewhere."""
