"""The life of a version after its first apply: released, deprecated, retired."""
