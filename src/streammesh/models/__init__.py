"""SQL models: compiled to an incremental plan, and printed for the engine and for the database."""
