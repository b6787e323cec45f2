import pytest

from streammesh.documents.secrets import resolve, variables
from streammesh.documents.values import Secret
from streammesh.errors import Location
from streammesh.errors.documents import BadSecret, MissingSecret

WHERE = Location("mesh.toml", 3, 1)


def test_references_are_replaced() -> None:
    secret = Secret("postgresql://${USER_NAME}:${PW}@host/db", WHERE)
    environ = {"USER_NAME": "me", "PW": "a${b}"}
    assert resolve(secret, environ) == "postgresql://me:a${b}@host/db"
    assert variables(secret) == ("USER_NAME", "PW")


def test_a_text_without_references_is_itself() -> None:
    assert resolve(Secret("127.0.0.1:9092"), {}) == "127.0.0.1:9092"


@pytest.mark.parametrize("environ", [{}, {"PW": ""}])
def test_a_missing_variable_is_named_with_its_place(environ: dict[str, str]) -> None:
    with pytest.raises(MissingSecret) as caught:
        resolve(Secret("${HOST}:${PW}", WHERE), {"HOST": "hunter2", **environ})
    assert "PW" in caught.value.what
    assert caught.value.where == WHERE
    assert caught.value.fix == "export PW=…"
    assert "hunter2" not in str(caught.value.as_dict())


def test_what_was_typed_stands_in_no_file() -> None:
    with pytest.raises(MissingSecret) as caught:
        resolve(Secret("${PW}"), {})
    assert "file" not in caught.value.why


@pytest.mark.parametrize("text", ["${}", "${a b}", "${lower}"])
def test_what_is_no_reference(text: str) -> None:
    with pytest.raises(BadSecret):
        resolve(Secret(text, WHERE), {})
