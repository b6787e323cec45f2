"""streammesh's own kinds of file that a domain is made of: Domain, Source and Subscription."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from streammesh.documents.collect import Errors
from streammesh.documents.durations import milliseconds
from streammesh.documents.files import SourceText
from streammesh.documents.naming import check_same
from streammesh.documents.parsed import Parsed
from streammesh.documents.schema import own_schema
from streammesh.documents.values import (
    PRODUCTS,
    ProductName,
    Secret,
    Source,
    Subscription,
    TableName,
)
from streammesh.documents.yaml import parse
from streammesh.errors import Location
from streammesh.errors.documents import BadTable, NotYetRead, WrongShape

DEFAULT_RETENTION = "7d"


@dataclass(frozen=True)
class DomainFile:
    """A domain's own file.

    Attributes:
        name: the domain's name.
        owner: `team`, `email`, `chat`.
        on_call: `hours`, `contact`; empty when not given.
        where: the file.
    """

    name: str
    owner: Mapping[str, str]
    on_call: Mapping[str, str]
    where: Location


def read_domain(source: SourceText, folder: str) -> DomainFile:
    """Read `domain.yaml`.

    Args:
        source: its text.
        folder: name of the folder it is in.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    parsed = checked(source, "domain")
    name = parsed.document["name"]
    check_same(name, folder, "domain", "folder", parsed.place("name"))
    document = parsed.document
    return DomainFile(name, document["owner"], document.get("on_call", {}), Location(source.path))


def read_source(source: SourceText, domain: str, file_name: str) -> Source:
    """Read `<source>.source.yaml`.

    Args:
        source: its text.
        domain: the owning domain.
        file_name: the file's name without `.source.yaml`.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    parsed = checked(source, "source")
    document, errors = parsed.document, Errors()
    name = document["name"]
    errors.guard(check_same, name, file_name, "source", "file", parsed.place("name"))
    if "products" in document:
        return _of_products(parsed, domain, errors)
    url = Secret(document["database"]["url"], parsed.place("database", "url"))
    errors.extend(_bad_columns(parsed))
    if "outbox" in document:
        errors.add(NotYetRead(what="an outbox", where=parsed.key("outbox"), fix="leave it out"))
    retention = str(document.get("retention", DEFAULT_RETENTION))
    errors.raise_any()
    return Source(
        domain=domain,
        name=name,
        database_type=document["database"]["type"],
        url=url,
        tables=tuple(TableName.parse(text) for text in document["tables"]),
        exclude=tuple(_full_column(text) for text in document.get("exclude", ())),
        retention_ms=milliseconds(retention, parsed.place("retention")),
        where=Location(source.path),
        places=parsed.places,
        **document.get("capture", {}),
    )


_OF_DATABASES = ("database", "tables", "exclude", "capture", "outbox")


def _of_products(parsed: Parsed, domain: str, errors: Errors) -> Source:
    """Read a source whose tables are products."""
    document = parsed.document
    for name in _OF_DATABASES:
        if name in document:
            what = f"`{name}` and `products` can't stand in one source"
            fix = "a source is a database or products: make two, each in its file"
            errors.add(WrongShape(what=what, where=parsed.key(name), fix=fix))
    products = tuple(ProductName.parse(text) for text in document["products"])
    errors.extend(_same_tables(parsed, products))
    errors.raise_any()
    return Source(
        domain=domain,
        name=document["name"],
        database_type=PRODUCTS,
        url=Secret(""),
        tables=tuple(one.table for one in products),
        exclude=(),
        retention_ms=milliseconds(
            str(document.get("retention", DEFAULT_RETENTION)), parsed.place("retention")
        ),
        where=Location(parsed.place("name").file),
        places=parsed.places,
        snapshot=PRODUCTS,
        products=products,
    )


def _same_tables(parsed: Parsed, products: Sequence[ProductName]) -> Iterator[WrongShape]:
    """Find two versions of one product: a model calls both the same."""
    for index, one in enumerate(products):
        if one.table in [other.table for other in products[:index]]:
            what = f"`{one}` is here in another version already"
            where = parsed.place("products", index)
            fix = f"keep one: models call both `mesh.{one.table}`"
            yield WrongShape(what=what, where=where, fix=fix)


def read_subscription(source: SourceText, domain: str, file_name: str) -> Subscription:
    """Read `<name>.subscription.yaml`; what it refers to is not looked at.

    Args:
        source: its text.
        domain: the consuming domain.
        file_name: the file's name without `.subscription.yaml`.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    parsed = checked(source, "subscription")
    document = parsed.document
    name = document["name"]
    check_same(name, file_name, "subscription", "file", parsed.place("name"))
    return Subscription(
        domain=domain,
        name=name,
        consumer=document["consumer"],
        principal=document.get("principal"),
        product=document["product"],
        version=document["version"],
        purpose=document["purpose"],
        fields=tuple(document.get("fields", ())),
        contact=document["contact"],
        deliver=document["deliver"],
        where=Location(source.path),
        places=parsed.places,
    )


def _bad_columns(parsed: Parsed) -> Iterator[BadTable]:
    """Find excluded columns of tables that aren't captured."""
    captured = {str(TableName.parse(text)) for text in parsed.document["tables"]}
    for index, text in enumerate(parsed.document.get("exclude", ())):
        table = _full_column(text).rpartition(".")[0]
        if table not in captured:
            where, kind = parsed.place("exclude", index), "column of a table that is captured"
            schema, _, name = table.partition(".")
            close = difflib.get_close_matches(name, _names_in(schema, captured), n=1, cutoff=0.75)
            meant = f"write `{schema}.{close[0]}.…`, or " if close else ""
            fix = f"{meant}take it away, or add `{table}` to `tables`"
            yield BadTable(text=text, kind=kind, where=where, fix=fix)


def _names_in(schema: str, tables: Iterable[str]) -> list[str]:
    """Give the tables of a schema by their names alone: one schema makes no two tables alike."""
    parts = (table.partition(".") for table in tables)
    return [name for first, _, name in parts if first == schema]


def _full_column(text: str) -> str:
    """Give `schema.table.column`; without a schema it is `public`."""
    return text if text.count(".") == 2 else f"public.{text}"


def checked(source: SourceText, schema: str) -> Parsed:
    """Parse a file and check it by one of the own schemas.

    Raises:
        MeshErrors: with all that the schema finds.
    """
    parsed = parse(source)
    errors = Errors()
    errors.extend(own_schema(schema).errors(parsed))
    errors.raise_any()
    return parsed
