"""What other Kafka tools need to connect to the local stack, in the forms that they read."""

from __future__ import annotations

import difflib
import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass, field

from streammesh.errors.local import UnknownPrincipal
from streammesh.local.components.kafka import scram_login
from streammesh.local.stack import Stack


@dataclass(frozen=True)
class Access:
    """How one principal reaches Kafka and the registry."""

    bootstrap_servers: str
    security_protocol: str
    sasl_mechanism: str
    username: str
    password: str = field(repr=False)
    registry_url: str


def access(stack: Stack, principal: str | None) -> Access:
    """Say how a principal reaches the stack.

    Args:
        stack: the stack.
        principal: one that has a password there; None for admin.

    Raises:
        StackNotUp: the stack does not run.
        UnknownPrincipal: there is no such principal.
    """
    info = stack.info()
    name = principal or info.admin_username
    known = stack.secrets.principals()
    if name not in known:
        raise UnknownPrincipal(principal=name, fix=_advice(name, known))
    return Access(
        bootstrap_servers=info.bootstrap_servers,
        security_protocol=info.security_protocol,
        sasl_mechanism=info.sasl_mechanism,
        username=name,
        password=stack.secrets.password_for(name),
        registry_url=info.registry_url,
    )


def postgres_variables(stack: Stack) -> dict[str, str]:
    """Give the variables by which PostgreSQL's own programs reach the stack's, as its superuser.

    Raises:
        StackNotUp: the stack does not run.
    """
    info = stack.info()
    return {
        "PGHOST": info.postgres_host,
        "PGPORT": str(info.postgres_port),
        "PGUSER": info.postgres_superuser,
        "PGPASSWORD": info.postgres_password,
        "PGDATABASE": "postgres",
    }


def _advice(name: str, known: tuple[str, ...]) -> str:
    listed = f"known: {', '.join(known)}; `mesh apply` makes those that the workspace describes"
    nearest = difflib.get_close_matches(name, known, n=1)
    return f"did you mean {nearest[0]}? {listed}" if nearest else listed


def as_json(one: Access) -> dict[str, str]:
    """Give the values by their names."""
    return dict(asdict(one))


def as_shell(one: Access) -> str:
    """Give lines that a POSIX shell evaluates."""
    names = {
        "KAFKA_BOOTSTRAP_SERVERS": one.bootstrap_servers,
        "KAFKA_SECURITY_PROTOCOL": one.security_protocol,
        "KAFKA_SASL_MECHANISM": one.sasl_mechanism,
        "KAFKA_USERNAME": one.username,
        "KAFKA_PASSWORD": one.password,
        "SCHEMA_REGISTRY_URL": one.registry_url,
    }
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in names.items())


def as_properties(one: Access) -> str:
    """Give the client.properties of a Java client."""
    values = {
        "bootstrap.servers": one.bootstrap_servers,
        "security.protocol": one.security_protocol,
        "sasl.mechanism": one.sasl_mechanism,
        "sasl.jaas.config": scram_login(one.username, one.password),
        "schema.registry.url": one.registry_url,
    }
    return "".join(f"{name}={value}\n" for name, value in values.items())


FORMATS: dict[str, Callable[[Access], str]] = {"shell": as_shell, "properties": as_properties}
