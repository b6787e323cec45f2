"""The catalog: what the mesh knows of its products, in a SQL database."""

import importlib

from streammesh.errors.catalog import CatalogExtraMissing

for _package in ("sqlalchemy", "alembic"):
    try:
        importlib.import_module(_package)
    except ModuleNotFoundError as error:
        raise CatalogExtraMissing(package=_package) from error
