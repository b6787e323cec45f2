"""Fetching one artifact with jgo, which knows where the Maven repository is."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from streammesh.errors.local import LocalExtraMissing
from streammesh.local.artifacts import Artifact
from streammesh.local.cache import is_valid

try:
    from jgo.constants import default_maven_repo
    from jgo.maven import MavenContext, PythonResolver
except ImportError as error:
    raise LocalExtraMissing(package="jgo") from error

TIMEOUT_S = 30


def fetch(artifact: Artifact, folder: Path, received: Callable[[int], None]) -> Path:
    """Bring the artifact into `folder`, without what it depends on.

    A file that the user's Maven has already is copied instead.

    Args:
        artifact: what to bring.
        folder: an empty or missing folder, used by nobody else.
        received: called with the number of bytes that came in.

    Returns:
        The file's path; its content is not verified.
    """
    at_hand = default_maven_repo() / artifact.path
    if is_valid(at_hand, artifact):
        folder.mkdir(parents=True, exist_ok=True)
        return Path(shutil.copy(at_hand, folder / artifact.filename))
    group, name, version, classifier, packaging = artifact.parts
    resolver = PythonResolver(progress_callback=_progress(received))
    context = MavenContext(resolver=resolver, repo_cache=folder, timeout=TIMEOUT_S)
    component = context.project(group, name).at_version(version)
    return component.artifact(classifier=classifier, packaging=packaging).resolve()


def _progress(
    received: Callable[[int], None],
) -> Callable[[str, int], AbstractContextManager[Callable[[int], None]]]:
    @contextmanager
    def follow(_name: str, _size: int) -> Iterator[Callable[[int], None]]:
        yield received

    return follow
