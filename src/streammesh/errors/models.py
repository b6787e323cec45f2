"""What can be wrong with an SQL model: its text, its tables, its joins, its fields."""

from __future__ import annotations

from streammesh.errors.base import MeshError, UsageError


class ModelError(MeshError):
    """{what}"""


class ModelSyntax(ModelError):
    """the model can't be read as SQL: {problem}"""

    fix = "docs/models.md shows what a model looks like"


class TooComplicated(ModelError):
    """the model is nested too deeply"""

    fix = "write fewer brackets inside each other"


class NotOneSelect(ModelError):
    """a model is one SELECT, not {said}"""

    fix = "write one SELECT: its first table is the root, whose primary key is the document's key"


class UnionUnlike(ModelError):
    """the SELECTs of the model's UNION ALL differ: {problem}"""

    why = "Their documents are of one product: each field has one type."


class UnsupportedClause(ModelError):
    """{clause} can't stand in a model"""


class UnsupportedJoin(ModelError):
    """{said} is no join that a model can have"""

    fix = "write JOIN … ON … or LEFT JOIN … ON …"


class NotATable(ModelError):
    """`{said}` is no table of a source"""

    fix = "write <source>.<table>, or <source>.<schema>.<table>"


class DerivedNotPossible(ModelError):
    """`{name}` can't be read from FROM: {reason}"""


class UnknownSource(ModelError):
    """domain {domain} has no source `{name}`"""


class UnlistedProduct(ModelError):
    """no source of domain {domain} lists the product `{name}`"""

    why = "A source's `products` say what models of the domain read, and in which version."


class SeveralSources(ModelError):
    """the model reads two sources: {first} and {second}"""

    why = "A document is as of one commit of one database, or of products as they came."
    fix = "make a product of each source, and one over both: docs/models.md"


class UnknownTable(ModelError):
    """source {source} captures no table `{name}`"""


class AmbiguousTable(ModelError):
    """source {source} has several tables `{name}`"""


class AliasTwice(ModelError):
    """`{alias}` names two tables"""


class UnknownAlias(ModelError):
    """no table is called `{alias}` here"""


class UnknownColumn(ModelError):
    """{table} has no column `{name}`"""


class AmbiguousColumn(ModelError):
    """`{name}` is a column of several tables here: {tables}"""


class ExcludedColumn(ModelError):
    """{table}.{name} is excluded: it never leaves the database"""


class UnreadableColumn(ModelError):
    """a model can't read {table}.{name}: its type is {said}"""

    fix = (
        "leave it out of the model (it is captured all the same), or let the database give it as a\n"
        "type that models read, as a stored generated column: docs/models.md lists them"
    )


class StarSelected(ModelError):
    """`*` would publish whatever columns the table gets"""

    fix = "name each field"


class UnnamedField(ModelError):
    """this field has no name"""

    fix = "add `AS name`"


class FieldGivenTwice(ModelError):
    """`{name}` is given twice"""

    fix = "give one of them another name"


class TooManyFields(ModelError):
    """an object has {count} fields, and at most {limit} are possible"""

    fix = "group them in objects: {name: expression, …}"


class TooComplex(ModelError):
    """this expression is too complex"""

    fix = "keep a part of it in a generated column of the database"


class ModelTooLarge(ModelError):
    """this model is more than the engine's SQLite takes: {problem}"""

    fix = "write less in one model: two products, or a table or generated column of the database"


class NoMeaning(ModelError):
    """`{name}` is not among what a model can say"""

    why = "Each operator and function has one meaning, the same in engine and database."
    fix = "docs/models.md lists them"


class NonDeterministic(ModelError):
    """`{name}` gives another value each time"""

    why = "A document's content may depend on the source's data only: it is computed again at any time."
    fix = "keep the value in a column of the database"


class WrongTypes(ModelError):
    """`{name}` can't be applied to {types}"""


class NotACondition(ModelError):
    """a condition is boolean, this is {said}"""

    fix = "compare it with something, or write IS NOT NULL"


class UntypedNull(ModelError):
    """NULL has no type here"""

    fix = "write CAST(NULL AS type)"


class BadLiteral(ModelError):
    """{said} is no {type}"""

    fix = "write it as documents show it: 2026-01-31, 10:00:00, 2026-01-31T10:00:00Z"


class AggregateOutside(ModelError):
    """`{name}` gathers rows: it stands alone in a sub-select"""


class AggregateOfOuter(ModelError):
    """`{name}` gathers nothing of its own rows"""

    why = "All that it reads is found by the outer query: databases then gather the outer rows."
    fix = "use a column of the sub-select's tables; join what has GROUP BY to one of them"


class ListDistinct(ModelError):
    """DISTINCT takes one order here: that of the value itself"""

    why = "Of equal values, only one place would be left."
    fix = "write list(DISTINCT x ORDER BY x)"


class FirstNotAlone(ModelError):
    """the first elements of a list stand alone in their sub-select"""

    fix = "write (SELECT list(… ORDER BY …)[1:n] FROM … WHERE …), its condition in WHERE"


class CastTarget(ModelError):
    """a value can't be cast to {said}"""


class ListWithoutOrder(ModelError):
    """the list has no order"""

    why = "Without one the database may give its elements in another order each time: spurious events."
    fix = "list(… ORDER BY …); ties are ordered by the primary key"


class NoOrder(ModelError):
    """a list of rows of {table} can't be ordered: the table has no primary key"""

    fix = "give the table a primary key"


class SubSelectColumns(ModelError):
    """a sub-select gives one value, this one {count}"""

    fix = "give an object: (SELECT list({a: …, b: …} ORDER BY …) …)"


class JoinNotUnique(ModelError):
    """the join with {table} may find several rows"""

    why = "There is one document per key: a join outside a list must find at most one row."


class TableNotReachable(ModelError):
    """a change of {table} can't be followed to its documents"""

    why = "No equality of columns leads from it to the root table."


class EdgeNotComparable(ModelError):
    """{left} and {right} can't be joined: {reason}"""


class NoRootKey(ModelError):
    """{table} has no primary key, so its rows are no documents"""

    fix = "give it a primary key, or begin FROM with the table that the documents are about"


class KeyNotShown(ModelError):
    """the key's column {table}.{column} is no field of the document"""


class KeyDiffers(ModelError):
    """the contract's key is {promised}, the model's is {given}"""


class KeyNotOfRow(ModelError):
    """the key's field `{field}` is neither a column of {table}'s primary key nor a constant"""

    why = "The key says which row of which SELECT a document is."


class KeyNarrowed(ModelError):
    """the key's field `{field}` is narrower in the contract than {table}.{column}: {reason}"""

    why = "Two rows could become one document: a key is never shortened, nor left out."


class FieldMissing(ModelError):
    """`{field}` is promised by the contract, but the model doesn't give it"""


class FieldExtra(ModelError):
    """`{field}` is given by the model, but the contract doesn't promise it"""


class FieldType(ModelError):
    """`{field}` has another type than the contract's: {reason}"""


class FieldNullable(ModelError):
    """`{field}` is required by the contract, but the model can give NULL"""


class UnknownProduct(UsageError):
    """the workspace has no product `{name}`"""


class KeyParts(UsageError):
    """the key of {product} has {wanted} parts ({names}), not {given}"""

    fix = "give --key for each part, in that order"


class BadKeyValue(UsageError):
    """`{value}` is no {type}, the type of {name}"""


class NoDocument(MeshError):
    """{product} has no document {key}"""

    why = "There is no such row, or the model filters it out."
