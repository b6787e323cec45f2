"""What editors are given, and that it judges as the loader does."""

import json
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest

from streammesh.documents import editors
from streammesh.documents.files import source_text
from streammesh.documents.kinds import checked
from streammesh.documents.mesh_file import read_mesh
from streammesh.documents.schema import own_schema
from streammesh.documents.yaml import parse
from streammesh.errors import MeshError
from tests.unit.documents.conftest import EXAMPLE

OWN = ("mesh", "domain", "source", "subscription", "policy", "stream")


def fields(schema: dict[str, Any], path: str = "") -> list[tuple[str, dict[str, Any]]]:
    found = []
    for name, one in schema.get("properties", {}).items():
        if isinstance(one, dict):
            found += [(f"{path}.{name}", one), *fields(one, f"{path}.{name}")]
    for part in (*schema.get("patternProperties", {}).values(), *schema.get("$defs", {}).values()):
        found += fields(part, path)
    return found


@pytest.mark.parametrize("kind", OWN)
def test_every_field_is_explained(kind: str) -> None:
    schema = json.loads(editors.schema_text(kind))
    assert schema["$schema"].endswith("2020-12/schema")
    found = [(path, one) for path, one in fields(schema) if "$ref" not in one]
    assert found
    assert [path for path, one in found if not (one.get("title") and one.get("description"))] == []


@pytest.mark.parametrize("kind", editors.KINDS)
def test_every_kind_has_a_schema_without_our_own_words(kind: str) -> None:
    text = editors.schema_text(kind)
    assert '"x-' not in text
    jsonschema_rs.validator_for(json.loads(text))


def test_the_line_of_a_file_leads_to_its_schema(tmp_path: Path) -> None:
    paths = editors.write_schemas(tmp_path)
    assert {path.stem for path in paths} == set(editors.KINDS)
    file = tmp_path / "domains" / "sales" / "sources" / "shop.source.yaml"
    line = editors.schema_line(tmp_path, file, "source")
    prefix = "# yaml-language-server: $schema="
    assert line.startswith(prefix)
    assert (file.parent / line.removeprefix(prefix)).resolve() == paths[2]
    mesh = editors.schema_line(tmp_path, tmp_path / "mesh.toml", "mesh")
    assert mesh == "#:schema ./.mesh/schemas/mesh.json"


SALES = EXAMPLE / "domains" / "sales"
SUBSCRIPTION = """\
apiVersion: streammesh/v1
kind: Subscription
name: a
consumer: b
product: sales.orders
version: 1
purpose: c
fields: ["lines[].amount"]
contact: { email: d }
deliver: { to: postgres, url: "${URL}", table: orders }
"""
TEXTS = {
    "domain": (SALES / "domain.yaml").read_text(),
    "source": (SALES / "sources/shop.source.yaml").read_text(),
    "subscription": SUBSCRIPTION,
    "stream": "partitions: 4\ncleanup: compact\non_violation: warn\nmax_bytes: 10\n",
}
CHANGES = [
    ("domain", "name: sales", "name: Sales"),
    ("domain", "name: sales", "name: engine"),
    ("domain", "name: sales", "name: 5"),
    ("domain", "kind: Domain", "kind: Source"),
    ("domain", "streammesh/v1", "streammesh/v2"),
    ("domain", "email:", "mail:"),
    ("source", "7d", "7"),
    ("source", "7d", "0d"),
    ("source", "7d", "seven"),
    ("source", "postgres", "oracle"),
    ("source", "${SHOP_DATABASE_URL}", "${shop}"),
    ("source", "${SHOP_DATABASE_URL}", "postgresql://me:secret@host/db"),
    ("source", "public.cities", "a.b.c.d"),
    ("source", "public.customers.password_hash", "password_hash"),
    ("source", "tables:", "tabels:"),
    ("subscription", "sales.orders", "orders"),
    ("subscription", "version: 1", "version: 1.5"),
    ("subscription", "lines[].amount", "lines.[].amount"),
    ("subscription", "to: postgres", "to: oracle"),
    ("subscription", ", table: orders", ""),
    ("subscription", "name: a", "name: A"),
    ("stream", "partitions: 4", "partitions: 0"),
    ("stream", "cleanup: compact", "cleanup: delete"),
    ("stream", "max_bytes: 10", "max_bytes: ten"),
    ("stream", "partitions", "partition"),
]
Accepts = Callable[[], object]


def refused(act: Accepts) -> bool:
    try:
        act()
    except MeshError:
        return True
    return False


@pytest.mark.parametrize("kind", TEXTS)
def test_a_valid_file_is_valid_for_an_editor_too(kind: str) -> None:
    source = source_text("f.yaml", TEXTS[kind].encode())
    checked(source, kind)
    schema = json.loads(editors.schema_text(kind))
    assert jsonschema_rs.validator_for(schema).is_valid(parse(source).document)


@pytest.mark.parametrize(("kind", "old", "new"), CHANGES)
def test_what_the_loader_refuses_an_editor_marks(kind: str, old: str, new: str) -> None:
    assert old in TEXTS[kind]
    source = source_text("f.yaml", TEXTS[kind].replace(old, new, 1).encode())
    assert refused(lambda: checked(source, kind))
    schema = json.loads(editors.schema_text(kind))
    assert not jsonschema_rs.validator_for(schema).is_valid(parse(source).document)


MESH: dict[str, Any] = {
    "mesh": {"name": "shop"},
    "environments": {
        "local": {},
        "test": {"kafka": {"bootstrap_servers": "a:1", "password": "${PW}"}},
    },
}


@pytest.mark.parametrize(
    ("text", "valid"),
    [
        ('[mesh]\nname = "shop"\n[environments.local]\n', True),
        ('[mesh]\nname = "shop"\n[environments.a]\nstack = "local"\n', True),
        ('[mesh]\nname = "shop"\n[environments.a]\n', False),
        ('[mesh]\nname = "shop"\n[environments.A]\nstack = "local"\n', False),
        ('[mesh]\nname = "shop"\n[environments.engine]\nstack = "local"\n', False),
        ('[mesh]\nname = "Shop"\n', False),
        ('[mesh]\nname = "shop"\n[enviroments.a]\n', False),
    ],
)
def test_mesh_toml_is_judged_alike(text: str, valid: bool) -> None:
    assert refused(lambda: read_mesh(source_text("mesh.toml", text.encode()))) != valid
    assert own_schema("mesh").accepts(tomllib.loads(text)) == valid


@pytest.mark.parametrize(
    ("password", "valid"), [("${PW}", True), ("hunter2", False), ("${pw}", False)]
)
def test_a_password_is_a_reference(password: str, valid: bool) -> None:
    kafka = {"bootstrap_servers": "a:1", "password": password}
    document = {**MESH, "environments": {"test": {"kafka": kafka}}}
    assert own_schema("mesh").accepts(document) == valid
