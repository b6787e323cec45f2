"""One second set of servers for all tests here: it takes a minute to start."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.integration.foreign.company import Company
from tests.integration.foreign.servers import running


@pytest.fixture(scope="package")
def company(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Company]:
    folder = tmp_path_factory.mktemp("foreign")
    with running(folder) as servers:
        company = Company(servers, folder)
        company.make_database()
        yield company
