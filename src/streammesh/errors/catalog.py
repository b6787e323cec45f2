"""What can go wrong with the catalog."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, MeshError, RemoteFailed, UsageError


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


class CatalogOfAnother(CheckFailed):
    """this catalog is that of another environment: of {known}; here it is {here}"""

    why = (
        "What two environments told one catalog would be taken for the same products and consumers."
    )
    fix = (
        "give each of them a `catalog` of its own in mesh.toml;\n"
        "if the environment itself has moved, `mesh apply --catalog-moved` takes it along"
    )


class CatalogForeign(MeshError):
    """the catalog's database holds tables of something else: {tables}"""

    fix = "give the catalog a database (or a file) of its own"


class CatalogUnreachable(RemoteFailed):
    """the catalog at {place} can't be used"""


class NotInCatalog(UsageError):
    """the catalog has no `{name}`"""

    fix = "write DOMAIN.PRODUCT[.FIELD], DOMAIN.SOURCE[.TABLE[.COLUMN]] or DOMAIN/SUBSCRIPTION"
