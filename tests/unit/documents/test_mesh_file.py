from pathlib import Path

import pytest

from streammesh.documents.files import source_text
from streammesh.documents.mesh_file import MeshFile, read_mesh
from streammesh.documents.workspace import load, load_mesh
from streammesh.errors import MeshErrors
from streammesh.errors import documents as errors

PRODUCTION = """\
[mesh]
name = "shop"
[environments.production]
namespace = "stage"
topic_defaults = { replication_factor = 3, min_insync_replicas = 2 }
kafka = { bootstrap_servers = "b:9092", security_protocol = "SASL_SSL", password = "${KAFKA_PW}" }
registry = { url = "https://r" }
connect = { url = "https://c", secrets = "${file:/run/secrets/mesh.properties:NAME}" }
"""


def read(text: str) -> MeshFile:
    return read_mesh(source_text("mesh.toml", text.encode()))


def test_local_is_always_there() -> None:
    mesh = read('[mesh]\nname = "shop"\n')
    assert mesh.name == "shop"
    assert mesh.environments["local"].stack == "local"


def test_an_environment_is_read() -> None:
    environment = read(PRODUCTION).environments["production"]
    assert environment.stack is None
    assert environment.names.product_topic("a", "b", "b", 1) == "stage-a.b.v1"
    assert environment.topic_defaults == {"replication_factor": 3, "min_insync_replicas": 2}
    assert environment.kafka["password"].text == "${KAFKA_PW}"
    assert str(environment.kafka["password"].where) == "mesh.toml:6:73"
    assert environment.connect["secrets"].text.startswith("${file:")
    assert str(environment.where) == "mesh.toml:3:2"


@pytest.mark.parametrize(
    ("old", "new", "error", "place"),
    [
        ("namespace", "namspace", errors.UnknownField, "4:1"),
        ('"stage"', '"a-b"', errors.WrongShape, "4:1"),
        ("bootstrap_servers", "bootstrap_server", errors.UnknownField, "6:11"),
        ("replication_factor = 3", 'replication_factor = "3"', errors.WrongShape, "5:20"),
        ("SASL_SSL", "SASL", errors.WrongShape, "6:41"),
        ("${KAFKA_PW}", "${kafka pw}", errors.BadSecret, "6:73"),
        ("https://r", "https://me:secret@r", errors.PasswordInFile, "7:14"),
        ("https://r", "https://r?user=me&password=secret", errors.PasswordInFile, "7:14"),
        ("production", "Production", errors.BadName, "3:2"),
        ("kafka = ", "kafca = ", errors.UnknownField, "6:1"),
        ("[mesh]", "[mesh", errors.BadSyntax, "1:6"),
        ('name = "shop"', 'name = "shop"\nname = "x"', errors.BadSyntax, "3:11"),
    ],
)
def test_errors(old: str, new: str, error: type[errors.DocumentError], place: str) -> None:
    with pytest.raises((MeshErrors, errors.BadSyntax)) as caught:
        read(PRODUCTION.replace(old, new, 1))
    value = caught.value
    found = value.errors if isinstance(value, MeshErrors) else (value,)
    assert [str(one.where) for one in found if isinstance(one, error)] == [f"mesh.toml:{place}"]


def test_an_environment_says_where_kafka_is() -> None:
    with pytest.raises(MeshErrors) as caught:
        read('[mesh]\nname = "a"\n[environments.test]\nnamespace = "b"\n')
    assert isinstance(caught.value.errors[0], errors.MissingField)


def test_the_ways_by_which_consumers_are_told_are_references() -> None:
    notices = 'notices = { smtp = "${SMTP_URL}", chat = { "#campaigns" = "${CHAT}" } }\n'
    found = read(PRODUCTION + notices).environments["production"]
    assert {name: one.text for name, one in found.notices.items()} == {"smtp": "${SMTP_URL}"}
    assert {name: one.text for name, one in found.chats.items()} == {"#campaigns": "${CHAT}"}
    assert str(found.notices["smtp"].where) == "mesh.toml:9:13"


@pytest.mark.parametrize("notices", ['smtp = "mailto://ann:pw1234@m"', 'sms = "x"', "webhook = 1"])
def test_wrong_ways_to_tell_consumers_are_refused(notices: str) -> None:
    with pytest.raises(MeshErrors) as caught:
        read(f"{PRODUCTION}notices = {{ {notices} }}\n")
    assert "pw1234" not in str([one.as_dict() for one in caught.value.errors])


def test_who_answers_for_the_mesh_may_be_said(tmp_path: Path) -> None:
    owner = 'owner = { team = "Platform", email = "p@example.com", chat = "#p" }'
    path = tmp_path / "mesh.toml"
    path.write_text(f'[mesh]\nname = "shop"\n{owner}\n')
    said = {"team": "Platform", "email": "p@example.com", "chat": "#p"}
    assert load_mesh(tmp_path).owner == load(tmp_path).owner == said
    path.write_text(f'[mesh]\nname = "shop"\n{owner.replace("email", "mail")}\n')
    with pytest.raises(MeshErrors) as caught:
        load_mesh(tmp_path)
    assert {str(one.where) for one in caught.value.errors} >= {"mesh.toml:3:30"}
