"""One database for all property tests of a run."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from streammesh.local.stack import Stack
from tests.property.server import Server, database


@pytest.fixture(scope="session")
def server(stack: Stack) -> Iterator[Server]:
    """Give sessions of a database of its own."""
    info = stack.info()
    with database(info.postgres_url("postgres"), info.postgres_url) as url:
        made = Server(url)
        try:
            yield made
        finally:
            made.close()
