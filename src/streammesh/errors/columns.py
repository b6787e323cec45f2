"""What can be wrong with the types of a source's database."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed


class DomainOverEnum(CheckFailed):
    """{source}: the database has a domain over an enum: {domains}"""

    why = (
        "Debezium 3.5 reads all types of a database when it starts, and such a domain stops it,\n"
        "whether a captured table uses it or not"
    )


class ColumnNotCapturable(CheckFailed):
    """{source}: {column} is {kind}, which Debezium 3.5 can't capture"""

    why = "a value of it ends the first reading of the tables"


class ColumnNameNotReadable(CheckFailed):
    """{source}: the name of the column {column} has a quotation mark, backslash or control character"""

    why = "the engine reads rows by their columns' names in bulk, and can't tell such a name"


class NamesDifferInCase(CheckFailed):
    """{source}: {names} differ in upper and lower case only"""

    why = "the engine's state takes such names for one"


class InheritedTable(CheckFailed):
    """{source}: {table} has child tables by INHERITS: {children}"""

    why = (
        "the first reading would give the children's rows as its own, while their changes arrive\n"
        "under the children's names"
    )
