"""The views that policies read: their names and columns are a promise (docs/policies.md)."""

from __future__ import annotations

from collections.abc import Mapping

from streammesh.catalog.beside import ACCESS, ANSWERS, STATUSES
from streammesh.policies import consumer_rows, product_rows, source_rows
from streammesh.policies.view import View, columns

_PRODUCT_TABLES = ("versions", "products")

_VIEWS = (
    View(
        "today",
        "one row: the day on which the policies are judged, in UTC",
        (),
        columns("date: such as 2026-11-23"),
        lambda state: [(state.today,)],
    ),
    View(
        "domains",
        "a domain",
        ("domains",),
        columns("""
            subject: its name
            domain: its name
            team: of its owner
            email: of its owner
            chat: of its owner
            on_call_hours: when somebody answers
            on_call_contact: how they are reached
        """),
        source_rows.domains,
    ),
    View(
        "products",
        "a data product",
        ("products",),
        columns("""
            subject: `<domain>.<product>`
            domain: whose it is
            product: its name, without the domain
            status: proposed, draft, active, deprecated or retired
            version: of the product
            purpose: what it is for
            usage: how it is to be used
            limitations: what it is not for
            quality: bronze, silver, gold, or what the file says
            tier INTEGER: 1 to 3; NULL when the file says no number
            support_channel: the first way to get help
            support_url: its address
        """),
        product_rows.products,
    ),
    View(
        "product_tags",
        "a tag of a product",
        ("products",),
        columns("""
            subject: the product
            domain: whose it is
            tag: the tag
        """),
        product_rows.product_tags,
    ),
    View(
        "ports",
        "an output port, all its versions together",
        ("ports",),
        columns("""
            subject: `<domain>.<product>.<port>`
            domain: whose it is
            product: `<domain>.<product>`
            port: its name
            type: as the product's file says: kafka
            description: what it says of the port
        """),
        product_rows.ports,
    ),
    View(
        "versions",
        "a major version of a port: what consumers use",
        ("versions", "products", STATUSES),
        columns("""
            subject: `<domain>.<product>.v1`, as its topic is called without a namespace
            asset: the same
            domain: whose it is
            product: `<domain>.<product>`
            port: the port
            major INTEGER: the major version
            version: the semantic version
            status: of the contract: draft, active, deprecated or retired
            topic: in this environment
            newest INTEGER: 1 for the newest of its port that is not retired
            tier INTEGER: of the product
            description: of the contract's schema
            ends INTEGER: 1 when it is retired now, and was not at the last apply
        """),
        product_rows.versions,
    ),
    View(
        "stream_options",
        "how a version's events are kept, what the contract doesn't say by its default",
        _PRODUCT_TABLES,
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            status: of the version
            partitions INTEGER: of its topic
            cleanup: compact or append
            history: every-commit or latest
            trigger: when an event is written, in words
            on_violation: quarantine, block or warn
            max_bytes INTEGER: of the largest document
            max_transaction_events INTEGER: of the largest transaction
        """),
        product_rows.stream_options,
    ),
    View(
        "fields",
        "a field of a version",
        ("versions", "products", "fields"),
        columns("""
            subject: the version and the path: `sales.orders.v1.lines[].amount`
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            status: of the version
            path: as subscriptions write it: `lines[].amount`
            name: the last part of the path
            position INTEGER: in the contract, from 0
            type: as the contract says it
            description: what it means
            classification: public, internal, confidential, restricted, or what the contract says
            unit: of a number
            required INTEGER: 1 when it is never missing
            key INTEGER: 1 when it is of the key
            has_fields INTEGER: 1 when fields stand in it, which then are classified themselves
        """),
        product_rows.fields,
    ),
    View(
        "sla",
        "a service level that a version promises",
        _PRODUCT_TABLES,
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            status: of the version
            property: latency, retention, endOfLife, …
            value: as written
            unit: as written
            seconds REAL: of a time; NULL for anything else, and where it has no end
            endless INTEGER: 1 when it is unlimited
        """),
        product_rows.sla,
    ),
    View(
        "quality_rules",
        "a quality rule of a contract",
        _PRODUCT_TABLES,
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            path: of the field; empty for the document
            type: library, sql, text, …
            rule: the metric or the SQL
            dimension: completeness, …
            severity: as written
            description: as written
        """),
        product_rows.quality_rules_of,
    ),
    View(
        "sources",
        "a source: a database, or products that are read",
        ("sources",),
        columns("""
            subject: `<domain>.<source>`
            domain: whose it is
            source: its name
            type: postgres, products, …
            private_log: its topic
            retention_days REAL: how long that is kept
        """),
        source_rows.sources,
    ),
    View(
        "source_tables",
        "a table that a source captures, or a product that it reads",
        ("source_tables",),
        columns("""
            subject: the source and the table
            domain: whose it is
            source: `<domain>.<source>`
            table_name: `schema.table`, or the version of a product
        """),
        source_rows.source_tables,
    ),
    View(
        "source_columns",
        "a captured column, as the database described it",
        ("source_columns",),
        columns("""
            subject: the source, the table and the column
            domain: whose it is
            source: `<domain>.<source>`
            table_name: `schema.table`
            column_name: its name
            type: of the database
            nullable INTEGER: 1 when it may be NULL
            key INTEGER: 1 when it is of the primary key
        """),
        source_rows.source_columns,
    ),
    View(
        "lineage",
        "a field of a version is computed from a column, or another product's field",
        ("lineage",),
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            field: its field; empty where the whole document hangs on the column
            from_asset: the source, or the other version
            from_table: of a database; empty for a product
            from_column: the column, or the other version's field
            from_kind: source database or product
        """),
        source_rows.lineage,
    ),
    View(
        "product_dependencies",
        "a version is made of another product's version",
        ("versions", "products", "dependencies"),
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            status: of the version
            tier INTEGER: of the product
            depends_on: the other version
            depends_on_domain: whose that is
            depends_on_product: its product
            depends_on_status: its status; NULL when it isn't known
            depends_on_tier INTEGER: the other product's tier
        """),
        consumer_rows.product_dependencies,
    ),
    View(
        "subscriptions",
        "what a domain consumes",
        ("subscriptions", "versions", "products", ACCESS),
        columns("""
            subject: `<domain>/<subscription>`
            domain: of the consumer
            subscription: its name
            consumer: the application
            principal: the existing one that it names; empty for its own
            asset: the version that is read
            product: `<domain>.<product>` of that
            owner_domain: whose product that is
            purpose: what it is used for
            team: of the contact
            email: of the contact
            chat: of the contact
            deliver_to: postgres, python, …
            access: requested, granted, denied, revoked or expired; empty before it is asked for
        """),
        consumer_rows.subscriptions,
    ),
    View(
        "subscription_fields",
        "a field that a subscription relies on",
        ("subscriptions", "subscription_fields", "fields"),
        columns("""
            subject: the subscription
            domain: of the consumer
            asset: the version
            path: the field
            classification: of that field; NULL when it isn't known
        """),
        consumer_rows.subscription_fields,
    ),
    View(
        "consumers",
        "an application that uses a version, as its subscriptions declare, or as it was seen; "
        "one whose access has ended is left out unless it was seen after that; what products are "
        "made of stands in `product_dependencies`",
        (
            *("subscriptions", "versions", "products", "sources", "source_tables"),
            *("observed_use", "ended_access"),
        ),
        columns("""
            subject: `<domain>/<consumer>`; the version where nobody declared it
            domain: of the consumer; NULL where nobody declared it
            consumer: the application; `group x` where nobody declared it
            asset: the version
            product: `<domain>.<product>`
            owner_domain: whose product that is
            subscriptions INTEGER: how many it has of that version
            declared INTEGER: 1 when a subscription says so
            last_seen: when it was last seen, UTC, ISO 8601; NULL when it never was
            lag INTEGER: offsets that it is behind; NULL when that isn't known
            standing INTEGER: 1 when Kafka still knows a consumer group of it
            former: `<domain>/<subscription>` by which it had access before; NULL for all others
        """),
        consumer_rows.consumers,
    ),
    View(
        "notices",
        "a notice to the consumers of a version that ends",
        ("notices", "versions"),
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            notice: its name
            kind: deprecated
            until: the version's last day, as it was told; empty for none
            instead: the version that takes its place; empty for none
            made_at: when it was made, UTC, ISO 8601
            consumers INTEGER: how many it was made for
            acknowledged INTEGER: how many of them acknowledged it
            objected INTEGER: how many of them objected
        """),
        consumer_rows.notices,
    ),
    View(
        "notice_answers",
        "whom a notice was made for, and what they answered; those who have moved since, too",
        (ANSWERS, "versions"),
        columns("""
            subject: the version
            asset: the version
            domain: whose it is
            product: `<domain>.<product>`
            notice: its name
            until: the version's last day, as it was told; empty for none
            made_at: when the notice was made, UTC, ISO 8601
            consumer: `<domain>/<subscription>`, or `source <domain>.<source>`
            consumer_domain: of that
            answer: acknowledged or objected; empty before
            reason: of an objection
            answered_at: when, UTC, ISO 8601; NULL before
        """),
        consumer_rows.notice_answers,
    ),
)

VIEWS: Mapping[str, View] = {one.name: one for one in _VIEWS}
"""The views by name."""
