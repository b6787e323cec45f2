"""What a contract promises: its types, its Avro schemas, the form of its documents."""
