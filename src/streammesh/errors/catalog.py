"""What can go wrong with the catalog."""

from __future__ import annotations

from streammesh.errors.base import MeshError, RemoteFailed, UsageError


class CatalogAddressWrong(UsageError):
    """the catalog's address names {kind}, and it can't be kept there"""

    fix = "write postgresql+psycopg://USER:PASSWORD@HOST/DATABASE, or leave `catalog` out"


class CatalogTooNew(MeshError):
    """the catalog is of a newer streammesh: its form `{found}` is not known here"""

    fix = "update streammesh to the version that last wrote to this catalog"


class CatalogTooOld(MeshError):
    """the catalog is of an older streammesh: its form is `{found}`, and `{known}` is read here"""

    why = "Who relies on what stands in it, so no plan can be made before; a plan writes nothing."
    fix = "`mesh apply` brings it up to date before it plans"


class CatalogForeign(MeshError):
    """the catalog's database holds tables of something else: {tables}"""

    fix = "give the catalog a database (or a file) of its own"


class CatalogUnreachable(RemoteFailed):
    """the catalog at {place} can't be used"""


class NotInCatalog(UsageError):
    """the catalog has no `{name}`"""

    fix = "write DOMAIN.PRODUCT[.FIELD], DOMAIN.SOURCE[.TABLE[.COLUMN]] or DOMAIN/SUBSCRIPTION"
