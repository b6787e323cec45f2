"""The files that people write: read, checked, and kept with the place of every value."""
