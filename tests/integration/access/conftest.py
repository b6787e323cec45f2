"""The example shop of the planning tests, for who wants to read it."""

from tests.integration.planning.conftest import shop

__all__ = ["shop"]
