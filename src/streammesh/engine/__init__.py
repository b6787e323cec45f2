"""From private changes to product events, exactly once. Reads deployments, never files."""
