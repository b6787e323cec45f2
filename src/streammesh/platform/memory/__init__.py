"""The twins: each system outside in memory, for tests of what uses it."""
