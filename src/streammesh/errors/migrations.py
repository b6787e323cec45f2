"""What can be wrong with a migration that is to be checked, or with what it is checked against."""

from __future__ import annotations

from streammesh.errors.base import MeshError, UsageError


class MigrationError(MeshError):
    """{what}"""


class MigrationSyntax(MigrationError):
    """the migration can't be read as SQL: {problem}"""


class MigrationTooLarge(MigrationError):
    """{size} bytes are more than a migration has: {limit}"""

    fix = "check the statements that change tables apart from those that fill them"


class TablesUnknown(MigrationError):
    """how the tables of {source} stand is not known: {reason}"""

    why = "A migration is judged by what it makes of the tables that are there."
    fix = "let the database be reached (its address is in the source's file), or `mesh apply` first"


class WhichSource(UsageError):
    """the workspace has several databases: name the one that is migrated"""


class NoDatabase(UsageError):
    """no source of the workspace is a database: there is nothing that a migration could change"""

    fix = "go to the workspace that has the source, or name it: mesh -C DIR check migration …"


class SourceNotThere(UsageError):
    """the workspace has no database `{name}`"""


class OneOfBoth(UsageError):
    """give a migration's file, or --from-database with a migrated database"""
