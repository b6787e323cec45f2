"""The real stack on a laptop: PostgreSQL, Kafka, registry and Connect as supervised processes."""
