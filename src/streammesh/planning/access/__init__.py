"""Who may read what: what subscriptions ask for, what stands in the catalog, what Kafka gets."""
