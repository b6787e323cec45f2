"""A database's migration: its statements read, and applied to the source's tables as values."""
