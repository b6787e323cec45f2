"""Runs one example: a real database, Debezium's twin, the real engine; compares, and explains."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from streammesh.capture.introspect import introspect
from streammesh.contracts import avro
from streammesh.contracts.contract import Contract
from streammesh.deployments.deployment import (
    FORMAT,
    ProductDeployment,
    SourceDeployment,
    digested,
)
from streammesh.documents.names import Names
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
from streammesh.models.compile import compile_model, fields_given
from streammesh.models.queries import preview_all
from streammesh.models.tables import Table
from streammesh.reconcile.proof import codec_of
from tests.property.bench import Bench
from tests.property.cases import Case, Life
from tests.property.checks import Difference, check
from tests.property.copies import Copies
from tests.property.debezium import Record, Twin
from tests.property.deeds import Step
from tests.property.driver import TWICE, Documents, Driver
from tests.property.server import Server
from tests.property.tables import Database

SHM = Path("/dev/shm")


def source_of(database: Database, domain: str = "sales") -> Source:
    """Give the source's file for generated tables."""
    tables = tuple(TableName(one.schema, one.name) for one in database.tables)
    where = Location("shop.source.yaml", 1)
    return Source(domain, "shop", "postgres", Secret(""), tables, (), 0, where)


def deployed_source(tables: Sequence[Table], domain: str = "sales") -> SourceDeployment:
    """Give the source as deployed."""
    names = Names()
    return digested(
        SourceDeployment(
            format=FORMAT,
            mesh="test",
            domain=domain,
            source="shop",
            database_type="postgres",
            topic_prefix=names.topic_prefix(domain, "shop"),
            log=names.private_log(domain, "shop"),
            progress=names.progress(domain, "shop"),
            principal=names.engine_principal(domain, "shop"),
            slot="mesh_test",
            tables=tuple(tables),
            retention_ms=1,
        )
    )


def deployed(
    number: int,
    sql: str,
    source: Source,
    tables: Sequence[Table],
    options: StreamOptions,
) -> ProductDeployment:
    """Give a product as deployed; its contract promises what the model gives."""
    known = {"shop": {one.name: one for one in tables}}
    model = ModelFile(f"p{number}.v1.sql", sql)
    given = fields_given(model, [source], known)
    width = sum(1 for one in given.fields if one.name.startswith("k"))
    contract = Contract(given.fields[:width], given, None, "", {})
    file = ContractFile(f"p{number}.v1.odcs.yaml", {}, {}, options)
    name = f"p{number}"
    port = Port(source.domain, name, name, 1, "1.0.0", "active", file, model)
    topic = port.topic(Names())
    return digested(
        ProductDeployment(
            format=FORMAT,
            domain=source.domain,
            product=name,
            port=name,
            version="1.0.0",
            status="active",
            source="shop",
            topic=topic,
            quarantine=Names().quarantine(topic),
            model=compile_model(port, contract, [source], known),
            contract=given,
            stream=options,
            key_schema=avro.key_schema(contract, topic),
            key_schema_id=1,
            value_schema=avro.value_schema(contract, topic),
            value_schema_id=2,
        )
    )


def deployed_products(
    case: Case, source: Source, tables: Sequence[Table]
) -> dict[str, ProductDeployment]:
    """Give a product for each model, by topic."""
    options = StreamOptions(max_transaction_events=case.most_events)
    made = [deployed(at, sql, source, tables, options) for at, sql in enumerate(case.models, 1)]
    return {one.topic: one for one in made}


@dataclass
class Told:
    """What one example was, so that a failure can be shown."""

    case: Case
    products: Mapping[str, ProductDeployment]
    driver: Driver


def run(server: Server, case: Case) -> Told:
    """Run one example.

    Raises:
        Difference: with everything as SQL.
    """
    server.prepare(list(case.database.statements()), case.database)
    source = source_of(case.database)
    tables = introspect(server.observer, source)
    products = deployed_products(case, source, tables)
    driver = Driver(server, partial(expected, server, products))
    told = Told(case, products, driver)
    try:
        _run(server, told, tables)
    except Difference as difference:
        raise Difference(explain(told, str(difference))) from None
    except Exception as error:
        raise Difference(explain(told, repr(error))) from error
    return told


def _run(server: Server, told: Told, tables: Sequence[Table]) -> None:
    case, driver = told.case, told.driver
    driver.begin(case.rows)
    server.changes()
    twin = Twin(tables, rubbish=True)
    copies, steps = Copies(server), case.steps
    if case.copied:
        first = len(steps) // 3
        records = _copied(server, twin, driver, copies, (tables, steps[:first]))
        steps = steps[first:]
    else:
        records = _snapshot(server, twin, tables)
    share = len(steps) * case.again // 100
    driver.run(steps[:share])
    records += twin.stream(server.changes())
    if case.again < 100:
        records = _anew(server, told, twin, copies, (tables, records))
        driver.run(steps[share:])
        records += twin.stream(server.changes())
    base = SHM if SHM.is_dir() else None
    with tempfile.TemporaryDirectory(dir=base) as folder:
        bench = Bench(Path(folder), deployed_source(tables), told.products)
        bench.copied(copies.blocks)
        for life in (*sorted(case.lives, key=lambda one: one.share), Life()):
            bench.live(records, life)
        check(told.products, bench.events, driver.history)


def _anew(
    server: Server,
    told: Told,
    twin: Twin,
    copies: Copies,
    what: tuple[Sequence[Table], list[Record]],
) -> list[Record]:
    """Read everything anew, or a table; give the records of the log up to there."""
    case, history = told.case, told.driver.history
    tables, records = what
    if case.anew == "some":
        table = tables[case.lost % len(tables)]
        history.script.append(f"-- {table.name} is read again here, after:")
        history.script.append(copies.change_values(table))
        history.begin_again(frozenset(), server.end())
        history.after = told.driver.now()
        found = records + copies.read([table], whole=False)
        server.heartbeat()
        return found
    history.script.append("-- The slot is lost here: everything is read anew.")
    kept = records[: max(_settled(records), len(records) - case.lost)]
    history.begin_again(_ends(records) - _ends(kept), server.end())
    if case.anew == "logged":
        return kept + _snapshot(server, twin, tables)
    kept += copies.read(tables, whole=True)
    server.heartbeat()
    return kept


def _copied(
    server: Server,
    twin: Twin,
    driver: Driver,
    copies: Copies,
    what: tuple[Sequence[Table], Sequence[Step]],
) -> list[Record]:
    """Read tables one after another, each at a position of its own, while sessions write."""
    tables, steps = what
    records = [copies.start(tables, whole=True)]
    for at, table in enumerate(tables):
        records.append(copies.table(table))
        driver.run(steps[at * len(steps) // len(tables) : (at + 1) * len(steps) // len(tables)])
        records += twin.stream(server.changes())
    records.append(copies.complete())
    driver.history.begin_here(driver.now())
    server.heartbeat()
    return records


def _snapshot(server: Server, twin: Twin, tables: Sequence[Table]) -> list[Record]:
    found = list(twin.snapshot({str(one.name): server.rows(one) for one in tables}))
    server.heartbeat()
    return found


def _settled(records: Sequence[Record]) -> int:
    """Give how many records there are up to the first heartbeat's END behind the snapshot."""
    said = [one.value.get("type", one.value.get("phase")) for one in records]
    complete = next(at for at, what in enumerate(said) if what in ("COMPLETED", "completed"))
    ends = (at for at, one in enumerate(records) if one.value.get("status") == "END")
    return next(at for at in ends if at > complete) + 1


def _ends(records: Sequence[Record]) -> frozenset[int]:
    """Give the transactions that end among these records."""
    ids = [one.value["id"] for one in records if one.value.get("status") == "END"]
    return frozenset(int(one.partition(":")[0]) for one in ids)


def expected(server: Server, products: Mapping[str, ProductDeployment]) -> Documents:
    """Give what the database computes now."""
    found: Documents = {}
    for topic, product in products.items():
        codec = codec_of(product)
        rows: list[tuple[Any, ...]] = server.observer.execute(preview_all(product.model)).fetchall()
        its = found[topic] = {}
        for *key, document in rows:
            text = json.dumps(key)
            its[text] = TWICE if text in its else codec.from_database(document)
    return found


def explain(told: Told, difference: str) -> str:
    """Give an example as SQL that anyone can run, and what differed."""
    lines = ["", "-- The tables:"]
    lines += [f"{one};" for one in told.case.database.statements()]
    lines += ["", "-- The models, and what the database is asked (run it after any transaction):"]
    for topic, product in told.products.items():
        number = int(product.product.removeprefix("p"))
        lines += [
            f"/* {topic}",
            told.case.models[number - 1],
            "*/",
            preview_all(product.model) + ";",
        ]
    script = told.driver.history.script
    lines += ["", "-- What was done; the snapshot is taken before the first BEGIN:", *script]
    lines += ["", f"-- The engine: {told.case.lives or 'nothing befell it'}"]
    if told.case.most_events < StreamOptions().max_transaction_events:
        lines.append(f"-- Transactions over {told.case.most_events} events go in parts.")
    lines += ["", "-- The difference:", *(f"-- {one}" for one in difference.splitlines())]
    return "\n".join(lines)
