"""Java programs, compiled once, and the registry of the stack."""

from __future__ import annotations

from collections.abc import Iterator
from uuid import uuid4

import httpx
import pytest

from streammesh.local.stack import Stack
from tests.integration.contracts.java import Java, compiled
from tests.stack_fixture import stack

__all__ = ["stack"]


@pytest.fixture(scope="session")
def java(tmp_path_factory: pytest.TempPathFactory) -> Java:
    return compiled(tmp_path_factory.mktemp("classes"))


class Subjects:
    """Subjects of a test's own in the real registry."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.prefix = f"contracts-{uuid4().hex[:8]}"

    def register(self, topic: str, schema: str) -> int:
        """Register the schema of a topic's values, where both directions must stay readable."""
        subject = f"{topic}-value"
        level = {"compatibility": "FULL_TRANSITIVE"}
        httpx.put(f"{self.url}/config/{subject}", json=level).raise_for_status()
        answer = httpx.post(f"{self.url}/subjects/{subject}/versions", json={"schema": schema})
        assert answer.status_code == 200, answer.text
        return int(answer.json()["id"])

    def schema(self, id: int) -> str:
        """Give the schema of an id."""
        answer = httpx.get(f"{self.url}/schemas/ids/{id}").raise_for_status()
        return str(answer.json()["schema"])

    def delete(self) -> None:
        for subject in httpx.get(f"{self.url}/subjects").json():
            if subject.startswith(self.prefix):
                httpx.delete(f"{self.url}/subjects/{subject}")
                httpx.delete(f"{self.url}/subjects/{subject}", params={"permanent": "true"})


@pytest.fixture
def subjects(stack: Stack) -> Iterator[Subjects]:
    own = Subjects(stack.info().registry_url)
    yield own
    own.delete()
