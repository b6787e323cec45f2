"""From a workspace and its compiled models to what the catalog is told. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import groupby

from streammesh.catalog.digests import EVERYTHING, News
from streammesh.catalog.flattening import classification_of, flat_fields, stream_option, type_of
from streammesh.catalog.kinds import Kind
from streammesh.catalog.records import (
    AssetRecord,
    DomainRecord,
    FieldRecord,
    LineageRecord,
    ModelRecord,
    PolicyRecord,
    PortRecord,
    ProductRecord,
    Registration,
    SourceColumnRecord,
    SourceRecord,
    SourceTableRecord,
    SubscriptionFieldRecord,
    SubscriptionRecord,
    VersionRecord,
)
from streammesh.catalog.texts import canonical, clean, sha256
from streammesh.documents.names import Names
from streammesh.documents.policy import Policy
from streammesh.documents.values import (
    Domain,
    Port,
    Product,
    ProductName,
    Source,
    Subscription,
    TableName,
    Workspace,
)
from streammesh.models.compiled import CompiledModel
from streammesh.models.tables import Table

Models = Mapping[ProductName, CompiledModel]
Tables = Mapping[tuple[str, str], tuple[Table, ...]]


def asset_of(port: Port) -> str:
    """Name a port's version in the catalog: as its topic, without a namespace."""
    return str(ProductName(port.domain, port.product, port.name, port.major))


def registration(
    workspace: Workspace,
    names: Names,
    models: Models,
    tables: Tables,
    news: News = EVERYTHING,
) -> Registration:
    """Say what an apply of this workspace puts into the catalog.

    Args:
        workspace: the files.
        names: those of the environment.
        models: the models that could be compiled; of the other versions, lineage stays as it was.
        tables: of sources, by domain and name; of a source that is not here, columns stay.
        news: of which domains there is anything new to say; nothing is said of the others.
    """
    domains = tuple(one for name, one in workspace.domains.items() if news.of(name))
    told = frozenset(one.name for one in domains)
    products = [one for domain in domains for one in domain.products]
    sources = [one for domain in domains for one in domain.sources]
    subscriptions = [one for domain in domains for one in domain.subscriptions]
    ports = [port for one in products for port in one.ports]
    return Registration(
        scope=told | ({""} if workspace.governs else frozenset()),
        domains=tuple(map(_domain, domains)),
        assets=tuple(_assets(sources, products, subscriptions, names)),
        products=tuple(map(_product, products)),
        ports=tuple(one for product in products for one in _ports(product)),
        versions=tuple(_version(port, names) for port in ports),
        fields=tuple(one for port in ports for one in _fields(port)),
        models=tuple(map(_model, ports)),
        lineage=tuple(one for port in ports for one in _lineage(port, workspace, models)),
        sources=tuple(_source(one, names) for one in sources),
        source_tables=tuple(one for source in sources for one in _source_tables(source)),
        source_columns=tuple(one for source in sources for one in _columns(source, tables)),
        subscriptions=tuple(map(_subscription, subscriptions)),
        subscription_fields=tuple(one for each in subscriptions for one in _relied_on(each)),
        policies=tuple(
            _policy(one) for one in workspace.policies if not one.domain or one.domain in told
        ),
        kept=frozenset(_kept(ports, sources, models, tables)),
        digests={name: digest for name, digest in news.now.items() if name in told},
    )


def _name(port: Port) -> ProductName:
    return ProductName(port.domain, port.product, port.name, port.major)


def _kept(
    ports: Iterable[Port], sources: Iterable[Source], models: Models, tables: Tables
) -> Iterator[str]:
    yield from (asset_of(one) for one in ports if _name(one) not in models)
    yield from (
        f"{one.domain}.{one.name}" for one in sources if (one.domain, one.name) not in tables
    )


def _domain(domain: Domain) -> DomainRecord:
    owner, on_call = domain.owner, domain.on_call
    return DomainRecord(
        domain=domain.name,
        team=clean(owner.get("team")),
        email=clean(owner.get("email")),
        chat=clean(owner.get("chat")),
        on_call_hours=clean(on_call.get("hours")),
        on_call_contact=clean(on_call.get("contact")),
        file=clean(domain.where.file),
    )


def _assets(
    sources: Iterable[Source],
    products: Iterable[Product],
    subscriptions: Iterable[Subscription],
    names: Names,
) -> Iterator[AssetRecord]:
    for source in sources:
        name = f"{source.domain}.{source.name}"
        log = names.private_log(source.domain, source.name)
        if not source.products:
            yield AssetRecord(Kind.SOURCE_DATABASE.value, name, source.domain)
        yield AssetRecord(Kind.PRIVATE_LOG.value, log, source.domain)
    for product in products:
        name = f"{product.domain}.{product.name}"
        yield AssetRecord(Kind.PRODUCT.value, name, product.domain)
    for one in subscriptions:
        name = f"{one.domain}/{one.name}"
        yield AssetRecord(Kind.DELIVERED_TABLE.value, name, one.domain)


def _product(product: Product) -> ProductRecord:
    document = product.document
    description = document.get("description") or {}
    return ProductRecord(
        domain=product.domain,
        product=product.name,
        status=clean(document.get("status")),
        version=clean(document.get("version") or _newest(product)),
        purpose=clean(description.get("purpose")),
        usage=clean(description.get("usage")),
        limitations=clean(description.get("limitations")),
        tags=canonical(list(_tags(product))),
        support=canonical(document.get("support") or []),
        quality=clean(stream_option(document, "quality")),
        tier=clean(stream_option(document, "tier")),
        document=canonical(document),
        file=clean(product.path),
    )


def _newest(product: Product) -> str:
    """Give the version that a consumer would take today: the newest active one, else the newest."""
    main = [one for one in product.ports if one.name == product.name] or list(product.ports)
    active = [one for one in main if one.status == "active"] or main
    return max(active, key=lambda one: one.major).version if active else ""


def _tags(product: Product) -> list[str]:
    said = [*(product.document.get("tags") or ())]
    said += [tag for port in product.ports for tag in port.contract.document.get("tags") or ()]
    return sorted({clean(tag) for tag in said})


def _ports(product: Product) -> Iterator[PortRecord]:
    declared = {one.get("name"): one for one in product.document.get("outputPorts") or ()}
    ordered = sorted(product.ports, key=lambda one: one.name)
    for name, _ in groupby(ordered, key=lambda one: one.name):
        said = declared.get(name) or {}
        words = clean(said.get("description"))
        yield PortRecord(product.domain, product.name, name, clean(said.get("type")), words)


def _version(port: Port, names: Names) -> VersionRecord:
    contract = canonical(port.contract.document)
    return VersionRecord(
        asset=asset_of(port),
        domain=port.domain,
        product=port.product,
        port=port.name,
        major=port.major,
        version=clean(port.version),
        status=port.status,
        topic=port.topic(names),
        contract=contract,
        contract_digest=sha256(contract),
        file=clean(port.contract.path),
    )


def _fields(port: Port) -> Iterator[FieldRecord]:
    for position, one in enumerate(flat_fields(port.contract.document)):
        said = one.said
        yield FieldRecord(
            asset=asset_of(port),
            path=clean(one.path),
            domain=port.domain,
            position=position,
            type=clean(type_of(said)),
            description=clean(said.get("description")),
            classification=clean(classification_of(said)),
            unit=clean(stream_option(said, "unit")),
            required=bool(said.get("required")),
            key=bool(said.get("primaryKey")),
        )


def _model(port: Port) -> ModelRecord:
    sql = clean(port.model.text)
    return ModelRecord(asset_of(port), port.domain, sql, sha256(sql), clean(port.model.path))


def _lineage(port: Port, workspace: Workspace, models: Models) -> Iterator[LineageRecord]:
    model = models.get(_name(port))
    source = None if model is None else workspace.domains[port.domain].source(model.source)
    if model is None or source is None:
        return
    products = {one.table: str(one) for one in source.products}
    database = f"{source.domain}.{source.name}"
    kind = Kind.PRODUCT if products else Kind.SOURCE_DATABASE
    for field, table, column in _edges(model):
        yield LineageRecord(
            asset=asset_of(port),
            field=clean(field),
            from_asset=products.get(table, database),
            from_table="" if table in products else clean(table),
            from_column=clean(column),
            domain=port.domain,
            from_kind=kind.value,
        )


def _edges(model: CompiledModel) -> Iterator[tuple[str, TableName, str]]:
    """Give field, table and column; what only joins, filters or orders is of no field."""
    shown = dict.fromkeys(
        (one.field, table, column) for one in model.lineage for table, column in one.columns
    )
    yield from shown
    seen = {(table, column) for _, table, column in shown}
    for table, columns in model.columns:
        yield from (("", table, one) for one in columns if (table, one) not in seen)


def _source(source: Source, names: Names) -> SourceRecord:
    return SourceRecord(
        asset=f"{source.domain}.{source.name}",
        domain=source.domain,
        source=source.name,
        database_type=source.database_type,
        private_log=names.private_log(source.domain, source.name),
        retention_ms=source.retention_ms,
        file=clean(source.where.file),
    )


def _source_tables(source: Source) -> Iterator[SourceTableRecord]:
    asset = f"{source.domain}.{source.name}"
    listed = source.products or source.tables
    for position, one in enumerate(dict.fromkeys(map(clean, listed))):
        yield SourceTableRecord(asset, one, source.domain, position)


def _columns(source: Source, tables: Tables) -> Iterator[SourceColumnRecord]:
    if source.products:
        return  # they are fields of products, and the catalog has them as such
    asset = f"{source.domain}.{source.name}"
    for table in tables.get((source.domain, source.name), ()):
        for position, one in enumerate(table.columns):
            yield SourceColumnRecord(
                asset=asset,
                table=clean(table.name),
                column=clean(one.name),
                domain=source.domain,
                position=position,
                type=clean(one.database_type),
                nullable=one.nullable,
                key=one.name in table.primary_key,
            )


def _subscription(one: Subscription) -> SubscriptionRecord:
    domain, product, *port = one.product.split(".")
    name = ProductName(domain, product, port[0] if port else product, one.version)
    return SubscriptionRecord(
        domain=one.domain,
        subscription=one.name,
        consumer=clean(one.consumer),
        principal=clean(one.principal),
        asset=str(name),
        purpose=clean(one.purpose),
        contact=canonical(one.contact),
        deliver_to=clean(one.deliver.get("to")),
        file=clean(one.where.file),
    )


def _relied_on(one: Subscription) -> Iterator[SubscriptionFieldRecord]:
    for path in dict.fromkeys(map(clean, one.fields)):
        yield SubscriptionFieldRecord(one.domain, one.name, path)


def _policy(one: Policy) -> PolicyRecord:
    return PolicyRecord(one.domain, one.name, clean(one.source.text), clean(one.path))
