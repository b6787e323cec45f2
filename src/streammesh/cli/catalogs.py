"""What the catalog's commands have in common: opening it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from streammesh.catalog.catalog import Catalog
from streammesh.catalog.opening import catalog_address
from streammesh.cli.context import load_environment, workspace_root


@contextmanager
def opened(environment_name: str | None) -> Iterator[Catalog]:
    """Give the catalog of an environment; the domains' files are not read.

    Raises:
        MeshError: there is no workspace or environment, or the catalog can't be used.
    """
    environment = load_environment(environment_name)
    catalog = Catalog.open(catalog_address(workspace_root(), environment, os.environ))
    try:
        yield catalog
    finally:
        catalog.close()
