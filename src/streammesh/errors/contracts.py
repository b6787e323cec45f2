"""What can be wrong with a contract: its key, its types, its names, its rules."""

from __future__ import annotations

from streammesh.errors.base import MeshError


class ContractError(MeshError):
    """{what}"""


class NoSchema(ContractError):
    """the contract has {count} schema objects; a product's port has exactly one"""

    fix = "describe the document in the one object under `schema`"


class NoFields(ContractError):
    """`{field}` has no properties"""

    fix = "name its fields under `properties`"


class FieldTwice(ContractError):
    """`{field}` stands twice in the contract"""

    fix = "keep one of them, or give the other another name"


class ContractWithoutKey(ContractError):
    """the contract has no key"""

    why = "Each document has a key: the topic keeps the last document of each."
    fix = "put `primaryKey: true` on the property that identifies a document"


class BadKey(ContractError):
    """`{field}` can't be part of the key: {reason}"""


class UnknownType(ContractError):
    """`{field}` has a type that streammesh doesn't know: {said}"""


class MissingType(ContractError):
    """`{field}` has no logicalType"""

    fix = (
        "add `logicalType`: string, integer, number, boolean, date, time, timestamp, object, array,"
        " map, vector"
    )


class UnsupportedType(ContractError):
    """`{field}` is {said}, which can't be published"""


class UndecidedNumber(ContractError):
    """`{field}` is a number of unknown precision"""

    why = "A number is exact: digits and decimals are part of the promise."
    fix = (
        'add physicalType: "decimal(12,2)", or logicalType: integer for whole numbers, or '
        "physicalType: double precision for floating point"
    )


class BadDecimal(ContractError):
    """`{field}` is {said}, which is no decimal type: 1 to 38 digits, at most all of them decimals"""


class BadRule(ContractError):
    """the rule on `{field}` can't be checked: {reason}"""


class BadAvroName(ContractError):
    """`{name}` can't be {what} in Avro"""

    why = "Avro's names have letters, digits and `_` only, and don't begin with a digit."


class RecordTwice(ContractError):
    """`{field}` and `{other}` would both be `{record}` in the Avro schema"""

    why = "Objects and enums are named by their path, in words with capitals."


class BadDefault(ContractError):
    """`{field}` can't have this default: {reason}"""


class TooDeep(ContractError):
    """`{field}` is deeper in the document than {most} objects and lists"""

    fix = "make it flatter, or physicalType: json for what is inside"
