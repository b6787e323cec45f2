"""What apply tells engines to run, and how far they have come: two formats, kept on Kafka."""
