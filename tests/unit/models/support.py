"""Tables, a way to compile a model's text, and a state to evaluate it on."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import apsw

from streammesh.contracts.contract import Contract
from streammesh.contracts.types import (
    Array,
    Boolean,
    Decimal,
    Json,
    Record,
    Type,
)
from streammesh.documents.values import (
    ContractFile,
    ModelFile,
    Port,
    Secret,
    Source,
    StreamOptions,
    TableName,
)
from streammesh.errors import Location
from streammesh.models import functions
from streammesh.models.compile import compile_model, fields_given
from streammesh.models.compiled import CompiledModel
from streammesh.models.incoming import normaliser
from streammesh.models.postgres_types import column_type
from streammesh.models.storage import column_ddl, indexes, quote, table_name
from streammesh.models.tables import Column, Table

EXCLUDED = "public.customers.password"


def table(name: str, key: str, columns: str, unique: Sequence[str] = ()) -> Table:
    """Give a table; columns as `name type` or `"a name" type`, `?` behind what may be NULL."""
    parsed = []
    for one in columns.split(";"):
        quoted = one.strip().startswith('"')
        column, _, kind = one.strip().lstrip('"').partition('" ' if quoted else " ")
        database_type = kind.rstrip("?").strip()
        parsed.append(Column(column, database_type, column_type(database_type), kind.endswith("?")))
    keys = tuple(tuple(each.split()) for each in unique)
    return Table(TableName.parse(name), tuple(parsed), tuple(key.split()), keys)


TABLES = (
    table("regions", "code", "code character(3); title character varying(40)"),
    table("cities", "id", "id bigint; name text; region character(3)?"),
    table(
        "customers",
        "id",
        "id bigint; name text; city_id bigint?; referrer_id bigint?; vip boolean?; born date?;"
        " email text; shape box?",
        unique=["email"],
    ),
    table(
        "orders",
        "tenant number",
        "tenant integer; number integer; customer_id bigint; billing_id bigint?; status text;"
        " placed timestamp with time zone; note text?; uid uuid; extra jsonb?; raw bytea?;"
        " seen timestamp without time zone?; at time without time zone?",
    ),
    table(
        "lines",
        "id",
        "id uuid; tenant integer; number integer; product text?; qty integer;"
        " price numeric(10,2); big numeric(30,4)?; pos smallint?; total bigint?",
    ),
    table("products", "sku", "sku text; title text; weight numeric(8,3)?"),
    table("notes", "", "note text"),
    table("parts", "line n", "line uuid; n integer; name text; amount numeric(18,2)"),
)

SOURCE = Source(
    "sales",
    "shop",
    "postgres",
    Secret("${URL}"),
    tuple(one.name for one in TABLES),
    (EXCLUDED,),
    0,
    Location("domains/sales/sources/shop.source.yaml"),
)
OTHER = Source("sales", "my-stock", "postgres", Secret(""), (), (), 0, Location("stock.yaml"))
STREAM = StreamOptions()


Tables = Sequence[Table]


def known(tables: Tables) -> Mapping[str, Mapping[TableName, Table]]:
    return {"shop": {one.name: one for one in tables}}


def fields(sql: str, tables: Tables = TABLES) -> Record:
    """Give the fields of a model without looking at a contract."""
    return fields_given(ModelFile("m.sql", sql), [SOURCE, OTHER], known(tables))


def compiled(
    sql: str, key: str, contract: Record | None = None, tables: Tables = TABLES
) -> CompiledModel:
    """Compile a model against a contract that promises what it gives, or another."""
    given = contract or fields(sql, tables)
    keys = tuple(field for name in key.split() if (field := given.field(name)) is not None)
    places = {field.name: Location("c.yaml", 10 + at) for at, field in enumerate(given.fields)}
    promised = Contract(keys, given, None, "", places)
    file = ContractFile("c.yaml", {}, {}, STREAM)
    port = Port("sales", "p", "p", 1, "1.0.0", "active", file, ModelFile("m.sql", sql))
    return compile_model(port, promised, [SOURCE, OTHER], known(tables))


class State:
    """The engine's state in memory: rows go in as Debezium writes them."""

    def __init__(self, models: Iterable[CompiledModel] = (), tables: Tables = TABLES) -> None:
        self.db = apsw.Connection(":memory:")
        self.tables = {one.name: one for one in tables}
        functions.register(self.db)
        for one in tables:
            columns = ", ".join(f"{quote(c.name)} {column_ddl(c.type)}" for c in one.columns)
            key = ", ".join(quote(name) for name in one.primary_key)
            if key:
                columns += f", PRIMARY KEY ({key})"
            self.db.execute(f"CREATE TABLE {table_name(one.name)} ({columns})")
        for model in models:
            self.index(model)

    def index(self, model: CompiledModel) -> None:
        for number, (name, columns) in enumerate(sorted(indexes(model), key=str)):
            listed = ", ".join(map(quote, columns))
            self.db.execute(f"CREATE INDEX i{number} ON {table_name(name)} ({listed})")

    def insert(self, into: str, **row: Any) -> None:
        chosen = self.tables[TableName.parse(into)]
        values = [self._stored(column, row.get(column.name)) for column in chosen.columns]
        places = ", ".join("?" for _ in values)
        self.db.execute(f"INSERT INTO {table_name(chosen.name)} VALUES ({places})", values)

    @staticmethod
    def _stored(column: Column, value: Any) -> Any:
        normalise = normaliser(column.type, column.database_type)
        return value if value is None or normalise is None else normalise(value)

    def clear(self) -> None:
        for one in self.tables.values():
            self.db.execute(f"DELETE FROM {table_name(one.name)}")

    def want(self, model: CompiledModel, keys: Iterable[tuple[Any, ...]] | None = None) -> None:
        names = ", ".join(f"k{at}" for at, _ in enumerate(model.key))
        self.db.execute("DROP TABLE IF EXISTS temp.wanted")
        self.db.execute(f"CREATE TEMP TABLE wanted ({names})")
        if keys is None:
            every = [
                (", ".join(part.constant or quote(part.column) for part in one.key), one.root)
                for one in model.branches
            ]
            found = " UNION ".join(f"SELECT {p} FROM {table_name(root)}" for p, root in every)
            self.db.execute(f"INSERT INTO temp.wanted {found}")
        else:
            places = ", ".join("?" for _ in model.key)
            self.db.executemany(f"INSERT INTO temp.wanted VALUES ({places})", list(keys))

    def documents(
        self, model: CompiledModel, keys: Iterable[tuple[Any, ...]] | None = None
    ) -> dict[tuple[Any, ...], Any]:
        """Evaluate the documents of keys (all when None), canonical."""
        self.want(model, keys)
        rows = self.db.execute(model.evaluate).fetchall()
        found = {}
        for *key, document in rows:
            assert tuple(key) not in found, "two rows of one key"
            found[tuple(key)] = canonical(json.loads(str(document)), model.fields)
        return found

    def plan(self, model: CompiledModel) -> list[str]:
        self.want(model)
        rows = self.db.execute("EXPLAIN QUERY PLAN " + model.evaluate)
        return [str(row[3]) for row in rows]


def canonical(value: Any, kind: Type) -> Any:  # noqa: PLR0911
    """Give a value in state form in canonical form, independent of the codec."""
    if value is None:
        return None
    match kind:
        case Record(parts):
            return {field.name: canonical(value[field.name], field.type) for field in parts}
        case Array(items):
            return [canonical(one, items) for one in value]
        case Boolean():
            return {0: False, 1: True}[value]
        case Decimal(precision, scale) if precision <= 18:
            return _decimal(value, scale)
        case Json():
            return value
        case _:
            assert not isinstance(value, float), "a number left 64 bits"
            return value


def _decimal(value: int, scale: int) -> str:
    assert isinstance(value, int), "a decimal left 64 bits"
    digits = str(abs(value)).rjust(scale + 1, "0")
    sign = "-" if value < 0 else ""
    return sign + (f"{digits[:-scale]}.{digits[-scale:]}" if scale else digits)


def one_document(model: CompiledModel, rows: Mapping[str, Sequence[Mapping[str, Any]]]) -> Any:
    """Give the only document of a state with these rows."""
    state = State([model])
    for name, given in rows.items():
        for row in given:
            state.insert(name, **row)
    documents = state.documents(model)
    assert len(documents) <= 1
    return next(iter(documents.values()), None)
