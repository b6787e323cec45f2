"""What can go wrong with the demo: its folder, its database, its engine, its proof."""

from __future__ import annotations

from streammesh.errors.base import CheckFailed, MeshError, UsageError


class ExampleMissing(MeshError):
    """the example workspace is not where streammesh was installed: {folder}"""

    fix = "install streammesh again, or give a copy of examples/shop with --dir"


class NotTheExample(UsageError):
    """`{folder}` is not empty, and holds no copy of the example shop"""

    fix = "give another folder with --dir"


class DemoAlreadyRuns(UsageError):
    """a demo is already running in {folder}{holder}"""

    fix = "stop it with Ctrl-C, or give another folder with --dir"


class ShopDatabaseFailed(MeshError):
    """the shop's database could not be prepared"""

    fix = "`mesh demo --fresh` begins with an empty one"


class EngineStopped(MeshError):
    """the engine stopped by itself, exit status {status}"""


class NothingPublished(MeshError):
    """no product was published within {seconds} s"""


class CaptureFailed(MeshError):
    """Connect no longer captures `{connector}`"""


class NotDeployed(MeshError):
    """{name} is not deployed"""

    fix = "run `mesh apply` in the demo's workspace, or begin again with `mesh demo --fresh`"


class NumbersDisagree(CheckFailed):
    """source and product do not agree: {count} {documents}"""
