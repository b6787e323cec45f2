from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from streammesh.errors.platform import Missing, SchemaIncompatible, SchemaInvalid, Unreachable
from streammesh.platform import confluent_registry
from streammesh.platform.confluent_registry import ConfluentRegistry
from streammesh.platform.memory import MemoryRegistry
from streammesh.platform.registry import Registry
from streammesh.platform.settings import HttpSettings
from tests.conformance.conftest import TWIN_AND_REAL

A = {"name": "a", "type": "long"}
B = {"name": "b", "type": ["null", "string"], "default": None}
REQUIRED = {"name": "c", "type": "int"}


@pytest.fixture(params=TWIN_AND_REAL)
def registry(request, info, unique) -> Iterator[Registry]:
    if request.param == "twin":
        yield MemoryRegistry()
        return
    real = ConfluentRegistry(HttpSettings(info().registry_url))
    yield real
    for subject in real.subjects(unique):
        real.delete_subject(subject)


@pytest.fixture
def subject(unique) -> str:
    return f"{unique}.orders.v1-value"


@pytest.fixture
def record(unique):
    """Give what makes a schema of fields; no other test has the same content."""

    def make(*fields) -> str:
        schema = {"type": "record", "name": "Value", "namespace": unique, "fields": list(fields)}
        return json.dumps(schema, separators=(",", ":"))

    return make


def test_a_subject_that_does_not_exist_has_nothing(registry, subject, record):
    assert registry.subjects(subject) == frozenset()
    assert registry.latest(subject) is None
    assert registry.lookup(subject, record(A)) is None
    assert registry.compatibility(subject) is None
    assert registry.check(subject, record(A)) == ()


def test_a_registered_schema_is_found_again_as_it_was_written(registry, subject, record):
    id = registry.register(subject, record(A))
    assert registry.register(subject, record(A)) == id
    latest = registry.latest(subject)
    assert (latest.subject, latest.version, latest.id) == (subject, 1, id)
    assert latest.schema == record(A)
    assert registry.schema(id) == record(A)
    assert registry.lookup(subject, record(A)) == latest


def test_subjects_are_found_beyond_one_page(registry, unique, record, monkeypatch):
    monkeypatch.setattr(confluent_registry, "PAGE", 20)
    subjects = {f"{unique}.orders{number}.v1-value" for number in range(45)}
    for one in subjects:
        registry.register(one, record(A))
    assert registry.subjects(unique) == subjects
    assert subjects <= registry.subjects()


def test_the_newest_version_is_the_latest_and_older_ones_are_still_found(registry, subject, record):
    first = registry.register(subject, record(A))
    second = registry.register(subject, record(A, B))
    assert first != second
    assert registry.latest(subject).id == second
    assert registry.latest(subject).version == 2
    assert registry.lookup(subject, record(A)).version == 1
    assert registry.lookup(subject, record(A, REQUIRED)) is None


def test_the_same_content_has_one_id_in_all_subjects(registry, unique, record):
    first = registry.register(f"{unique}.one", record(A))
    assert registry.register(f"{unique}.two", record(A)) == first
    assert registry.subjects(unique) == {f"{unique}.one", f"{unique}.two"}
    assert registry.subjects(f"{unique}.o") == {f"{unique}.one"}


def test_compatibility_can_be_set_before_the_subject_exists(registry, subject, record):
    registry.set_compatibility(subject, "FULL_TRANSITIVE")
    registry.register(subject, record(A))
    assert registry.compatibility(subject) == "FULL_TRANSITIVE"
    registry.set_compatibility(subject, "BACKWARD")
    assert registry.compatibility(subject) == "BACKWARD"


@pytest.mark.parametrize(
    ("old", "new", "fits"),
    [
        ([A], [A, B], True),
        ([A, B], [A], True),
        ([A], [A, REQUIRED], False),
        ([A, REQUIRED], [A], False),
        ([A], [{"name": "a", "type": "string"}], False),
        ([REQUIRED], [{"name": "c", "type": "long"}], False),
    ],
)
def test_full_compatibility_means_both_read_both(registry, subject, record, old, new, fits):
    registry.set_compatibility(subject, "FULL_TRANSITIVE")
    registry.register(subject, record(*old))
    assert (registry.check(subject, record(*new)) == ()) is fits
    if fits:
        registry.register(subject, record(*new))
    else:
        with pytest.raises(SchemaIncompatible, match=subject) as refusal:
            registry.register(subject, record(*new))
        assert refusal.value.why


def test_transitive_compatibility_looks_at_all_versions(registry, subject, record):
    optional_text = {"name": "b", "type": ["null", "long"], "default": None}
    registry.set_compatibility(subject, "FULL_TRANSITIVE")
    registry.register(subject, record(A, B))
    registry.register(subject, record(A))
    reasons = registry.check(subject, record(A, optional_text))
    assert any("b" in reason for reason in reasons)


def test_what_is_no_schema_is_refused(registry, subject, record):
    registry.register(subject, record(A))
    for nonsense in ("{no", '{"type":"record"}', '"no.such.type"'):
        with pytest.raises(SchemaInvalid, match=subject):
            registry.register(subject, nonsense)


def test_an_unknown_id_is_missing(registry):
    with pytest.raises(Missing, match="987654321"):
        registry.schema(987654321)


def test_a_deleted_subject_leaves_nothing_and_its_schema_gets_its_id_again(
    registry, subject, record
):
    id = registry.register(subject, record(A))
    registry.set_compatibility(subject, "FULL_TRANSITIVE")
    registry.delete_subject(subject)
    assert registry.subjects(subject) == frozenset()
    assert registry.latest(subject) is None
    assert registry.compatibility(subject) is None
    registry.delete_subject(subject)
    assert registry.register(subject, record(A)) == id


def test_a_server_that_is_not_there_is_named():
    with pytest.raises(Unreachable, match=r"127\.0\.0\.1:1"):
        ConfluentRegistry(HttpSettings("http://127.0.0.1:1")).subjects()
