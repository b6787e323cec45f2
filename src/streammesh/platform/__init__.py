"""The systems outside, one file each: a protocol, the real one, and an in-memory twin."""
