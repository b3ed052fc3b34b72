"""A disk that loses power, fills up and fails: a shim below SQLite, and the model of what its platters hold."""
