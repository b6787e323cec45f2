"""Very many products, read by several processes: of a large plan that is a good part."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

from streammesh.documents.product_files import read_product
from streammesh.documents.values import Product
from streammesh.errors import MeshError

WORTH = 300
"""Products from which on it is faster, processes and all."""

_TOGETHER = 50


def read_ahead(root: Path, folders: Sequence[Path]) -> Mapping[Path, Product]:
    """Read product folders at the same time, where they are many and processes can be forked.

    Args:
        root: the workspace's folder.
        folders: of products, in `domains/<domain>/products/`.

    Returns:
        Those without errors; the others are still to be read, to tell what is wrong with them.
    """
    if len(folders) < WORTH or not _may_fork():
        return {}
    workers = len(os.sched_getaffinity(0))
    with ProcessPoolExecutor(workers, get_context("fork")) as pool:
        roots = [root] * len(folders)
        found = list(pool.map(_product, roots, folders, chunksize=_TOGETHER))
    return {path: one for path, one in zip(folders, found, strict=True) if one is not None}


def _may_fork() -> bool:
    return sys.platform == "linux" and threading.active_count() == 1


def _product(root: Path, folder: Path) -> Product | None:
    try:
        return read_product(root, folder, folder.parent.parent.name)
    except MeshError:
        return None
