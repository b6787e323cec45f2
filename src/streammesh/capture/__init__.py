"""Capture: what a source wants of database, Connect and Kafka, and whether it can have it."""
