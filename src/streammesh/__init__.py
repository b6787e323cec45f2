"""streammesh: a self-serve data mesh on Apache Kafka."""

__version__ = "0.1.0"
