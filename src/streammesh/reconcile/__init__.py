"""Do source, product and sinks agree? Proved at a fence, never guessed."""
