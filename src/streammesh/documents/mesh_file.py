"""mesh.toml: the mesh's name and its environments."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from streammesh.documents.collect import Errors
from streammesh.documents.files import SourceText
from streammesh.documents.parsed import Mark, Parsed, Places
from streammesh.documents.schema import own_schema
from streammesh.documents.values import CONSUMER_QUOTA, Environment, Secret
from streammesh.errors import Location
from streammesh.errors.documents import BadSyntax, TooMuchYaml

LOCAL = "local"
MAX_DEPTH = 25
"""Neither tables nor the parts of a key go deeper."""

_HEADER = re.compile(r"\s*\[([^\[\]]+)\]")
_KEY = re.compile(r"""\s*("?)([A-Za-z0-9_.-]+)\1\s*=""")
_INNER_KEY = re.compile(r"""[{,]\s*("?)([A-Za-z0-9_-]+)\1\s*=\s*""")
_LONG_KEY = re.compile(r"""(?<![\w"'.-])(?:[\w"'-]+[ \t]*\.[ \t]*){25}""")
_ERROR_PLACE = re.compile(r"\s*\(at line (\d+), column (\d+)\)")


@dataclass(frozen=True)
class MeshFile:
    """What mesh.toml says.

    Attributes:
        name: the mesh's name.
        environments: by name; "local" is always there.
        repository: what the files' repository is called; empty when it does not say.
        catalog: `url` of the mesh's catalog; empty for none.
        owner: who answers for the mesh itself: `team`, `email`, `chat`; empty when it doesn't say.
    """

    name: str
    environments: Mapping[str, Environment]
    repository: str = ""
    catalog: Mapping[str, Secret] = field(default_factory=dict)
    owner: Mapping[str, str] = field(default_factory=dict)


def read_mesh(source: SourceText) -> MeshFile:
    """Read mesh.toml.

    Raises:
        MeshErrors: with all that is wrong with it.
    """
    parsed, errors = _parse(source), Errors()
    errors.extend(own_schema("mesh").errors(parsed))
    errors.raise_any()
    mesh = parsed.document["mesh"]
    catalog = {
        key: Secret(value, parsed.place("mesh", "catalog", key))
        for key, value in mesh.get("catalog", {}).items()
    }
    environments = {
        one: with_catalog(_environment(one, said, parsed), catalog)
        for one, said in parsed.document.get("environments", {}).items()
    }
    local = Environment(LOCAL, LOCAL, "", {}, {}, {}, {}, Location(source.path))
    repository, owner = mesh.get("repository", ""), mesh.get("owner", {})
    return MeshFile(mesh["name"], {LOCAL: local, **environments}, repository, catalog, owner)


def with_catalog(environment: Environment, catalog: Mapping[str, Secret]) -> Environment:
    """Give an environment the mesh's catalog, where it is shared and names none of its own."""
    if environment.catalog or environment.stack == LOCAL:
        return environment
    return replace(environment, catalog=catalog)


def _parse(source: SourceText) -> Parsed:
    _check_keys(source)
    try:
        document = _plain(tomllib.loads(source.text), 0)
    except RecursionError:
        raise TooMuchYaml(what="nested too deeply", where=Location(source.path)) from None
    except (tomllib.TOMLDecodeError, ValueError) as error:
        found = _ERROR_PLACE.search(str(error))
        where = source.at(int(found[1]), int(found[2])) if found else Location(source.path)
        reason = _ERROR_PLACE.sub("", str(error))
        fix = "check the quotes and brackets here and on the line above"
        raise BadSyntax(language="TOML", reason=_words(reason), where=where, fix=fix) from None
    keys = Places(source, dict(_places(source)))
    return Parsed(source, document, keys, keys)


def _check_keys(source: SourceText) -> None:
    """Refuse keys of very many parts, on which tomllib's time and memory grow with the square."""
    found = _LONG_KEY.search(source.text)
    if found:
        where = source.at(source.text.count("\n", 0, found.start()) + 1)
        raise TooMuchYaml(what=f"nested more than {MAX_DEPTH} levels deep", where=where)


def _plain(value: Any, depth: int) -> Any:
    """Give a value as JSON would have it: dates and times are texts.

    Raises:
        RecursionError: when it is nested too deeply.
    """
    if depth > MAX_DEPTH:
        raise RecursionError
    if isinstance(value, dict):
        return {key: _plain(one, depth + 1) for key, one in value.items()}
    if isinstance(value, list):
        return [_plain(one, depth + 1) for one in value]
    return value if isinstance(value, str | int | float | bool) else value.isoformat()


def _words(reason: str) -> str:
    return reason[:1].lower() + reason[1:200]


def _places(source: SourceText) -> Iterator[tuple[str, Mark]]:
    """Find the place of each table, key and key of an inline table, line by line."""
    table = ""
    for number, line in enumerate(source.lines, 1):
        header, key = _HEADER.match(line), _KEY.match(line)
        if header:
            table = header[1].strip().replace('"', "")
            indent = len(header[1]) - len(header[1].lstrip())
            yield table, (number, header.start(1) + indent + 1, len(header[1].strip()))
        elif key:
            path = f"{table}.{key[2]}" if table else key[2]
            yield path, (number, key.start(2) + 1, len(key[2]))
            for inner in _INNER_KEY.finditer(line, key.end()):
                yield f"{path}.{inner[2]}", (number, inner.start(2) + 1, len(inner[2]))


def _environment(name: str, said: Mapping[str, Any], parsed: Parsed) -> Environment:
    where = parsed.place("environments", name)

    def secrets(part: str) -> dict[str, Secret]:
        return {
            key: Secret(value, parsed.place("environments", name, part, key))
            for key, value in said.get(part, {}).items()
            if isinstance(value, str)
        }

    def chats() -> dict[str, Secret]:
        at = ("environments", name, "notices", "chat")
        listed = said.get("notices", {}).get("chat", {})
        return {key: Secret(value, parsed.place(*at, key)) for key, value in listed.items()}

    return Environment(
        name=name,
        stack=said.get("stack", LOCAL if name == LOCAL and "kafka" not in said else None),
        namespace=said.get("namespace", ""),
        topic_defaults=said.get("topic_defaults", {}),
        kafka=secrets("kafka"),
        registry=secrets("registry"),
        connect=secrets("connect"),
        where=where,
        catalog=secrets("catalog"),
        consumer_quota=said.get("consumer_quota", CONSUMER_QUOTA),
        notices=secrets("notices"),
        chats=chats(),
    )
