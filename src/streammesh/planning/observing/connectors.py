"""Would Connect run a connector as it is wanted? Asked before anything is created."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor

from streammesh.errors import MeshError
from streammesh.errors.capture import ConnectLoginFailed, ConnectorRefused, PluginMissing
from streammesh.errors.platform import Missing
from streammesh.planning.diff.sources import changed_settings
from streammesh.planning.observing.observed import Observed
from streammesh.planning.systems import Platform
from streammesh.planning.wanting.desired import Desired, WantedSource
from streammesh.platform.connect import ConfigProblem

THREADS = 4
"""Connect makes a session at the database for each check."""

_LOGIN = ("authentication failed", "password", "does not exist")


def refusals(desired: Desired, observed: Observed, platform: Platform) -> tuple[MeshError, ...]:
    """Have Connect check each connector that is new or changes; what it says of them.

    Only where Connect's secrets are there already: where `apply` writes them, Connect could not log
    in at a database yet.
    """
    if not platform.connect_secrets.standing:
        return ()
    asked = [one for one in desired.sources if _changes(one, observed)]
    with ThreadPoolExecutor(THREADS) as pool:
        found = list(pool.map(lambda one: tuple(_refusals(one, platform)), asked))
    return tuple(error for errors in found for error in errors)


def _changes(wanted: WantedSource, observed: Observed) -> bool:
    """Tell whether it is worth to ask: a database that isn't ready is refused for that already."""
    stands = observed.connectors.get(wanted.wants.connector)
    if wanted.database.problems:
        return False
    return stands is None or bool(changed_settings(stands.config, wanted.wants.connector_config))


def _refusals(wanted: WantedSource, platform: Platform) -> Iterator[MeshError]:
    where = wanted.source.places.get("database.url", wanted.source.where)
    try:
        problems = platform.connect.validate(wanted.wants.connector_config)
    except Missing as error:
        yield PluginMissing(source=wanted.owner.label, plugin=error.fields["name"], where=where)
        return
    if any(_is_login(one) for one in problems):
        yield _login_failed(wanted, problems)
        return
    for one in problems:
        yield ConnectorRefused(
            source=wanted.owner.label, setting=one.field, why=one.message, where=where
        )


def _is_login(problem: ConfigProblem) -> bool:
    return problem.field.startswith("database.") and any(
        words in problem.message for words in _LOGIN
    )


def _login_failed(wanted: WantedSource, problems: Iterable[ConfigProblem]) -> MeshError:
    reference = wanted.wants.connector_config["database.password"]
    said = next(one.message for one in problems if _is_login(one))
    return ConnectLoginFailed(
        source=wanted.owner.label,
        role=wanted.database.address.user,
        where=wanted.source.places.get("database.url", wanted.source.where),
        why=f"it takes the password from {reference}, and the database said:\n{said}\n"
        "with the password of the address itself the login succeeds",
        fix=f"put the password where Connect finds {reference}, and check that its workers have\n"
        "that config provider (config.providers=…)",
    )
