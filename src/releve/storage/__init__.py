"""Tables, migrations, the unit of work with its group commit, the outbox."""
