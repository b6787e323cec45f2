"""What stands: Kafka, Connect, the registry, databases, readers; in bulk, as values."""
