"""Three repositories of one mesh as values, on twins, and what people do to them at random."""

from __future__ import annotations

import random
import shutil
from dataclasses import dataclass, replace
from datetime import date, timedelta
from pathlib import Path

from sqlalchemy import select

from streammesh.catalog.access import State
from streammesh.catalog.catalog import Catalog
from streammesh.catalog.schema import fields, versions
from streammesh.documents.repository import Repository
from streammesh.documents.values import (
    CONSUMER_QUOTA,
    ContractFile,
    Domain,
    Environment,
    ModelFile,
    Port,
    Product,
    StreamOptions,
    Subscription,
    Workspace,
)
from streammesh.errors import Location, MeshError
from streammesh.planning import service
from streammesh.planning.access import deciding
from streammesh.planning.access.deciding import Approval
from streammesh.planning.plan import Plan
from streammesh.planning.systems import Platform
from tests.unit.planning.conftest import memory_platform

PLACE = Location("somewhere.yaml")
PRODUCTS = ("sales.orders", "crm.customers")
REPOSITORIES = {
    "owners": ("crm", "sales"),
    "marketing": ("marketing",),
    "finance": ("finance",),
}
CLASSES = ("", "internal", "confidential", "restricted")
ENVIRONMENT = Environment("local", "local", "", {}, {}, {}, {}, PLACE, {}, CONSUMER_QUOTA)


@dataclass(frozen=True)
class Version:
    """What the owner's files say of a version: its status, and the class of its one field."""

    status: str = "active"
    classification: str = "internal"


@dataclass(frozen=True)
class Reads:
    """What a subscription's file says."""

    consumer: str
    product: str
    major: int
    principal: str | None = None

    @property
    def asset(self) -> str:
        return f"{self.product}.v{self.major}"


class World:
    """Files, systems and the day."""

    def __init__(self, folder: Path, template: Path) -> None:
        file = folder / "catalog.db"
        shutil.copy(template, file)
        self.platform = replace(memory_platform(), catalog=Catalog.at(f"sqlite:///{file}"))
        self.versions = {f"{one}.v1": Version() for one in PRODUCTS}
        self.subscriptions: dict[tuple[str, str], Reads] = {}
        self.today = date(2026, 5, 1)

    def close(self) -> None:
        assert self.platform.catalog is not None
        self.platform.catalog.close()

    def workspace(self, repository: str) -> Workspace:
        here = REPOSITORIES[repository]
        domains = {one: self._domain(one) for one in here}
        return Workspace("/", "mesh", {"local": ENVIRONMENT}, domains)

    def _domain(self, name: str) -> Domain:
        products = tuple(self._product(one) for one in PRODUCTS if one.startswith(f"{name}."))
        mine = [
            _subscription(domain, each, reads)
            for (domain, each), reads in self.subscriptions.items()
            if domain == name
        ]
        return Domain(name, {"team": name}, {}, (), products, PLACE, tuple(mine))

    def _product(self, label: str) -> Product:
        domain, name = label.split(".")
        ports = tuple(
            _port(asset, said) for asset, said in self.versions.items() if asset.startswith(label)
        )
        return Product(domain, name, "p.yaml", {"status": "active"}, ports)

    def recorded(self) -> dict[str, Version]:
        """Give the versions as the catalog knows them: what other repositories see."""
        assert self.platform.catalog is not None
        with self.platform.catalog.reading() as connection:
            known = {row.asset: row.status for row in connection.execute(select(versions))}
            said = {row.asset: row.classification for row in connection.execute(select(fields))}
        return {asset: Version(status, said[asset]) for asset, status in known.items()}

    def plan(self, repository: str) -> Plan:
        return service.plan(self.workspace(repository), ENVIRONMENT, self.seen_by(repository))

    def seen_by(self, repository: str) -> Platform:
        """Give the systems as a repository's applies have them: it claims its domains."""
        return replace(self.platform, repository=Repository(repository, f"laptop:/{repository}"))

    def apply(self, repository: str) -> bool:
        """Apply a repository; false when its plan is stopped."""
        planned = self.plan(repository)
        if planned.blocked:
            return False
        service.apply(planned, self.seen_by(repository))
        return True

    def approve(self, key: tuple[str, str, str], approval: Approval) -> bool:
        return self._decided(deciding.approve, key, approval)

    def revoke(self, key: tuple[str, str, str]) -> bool:
        return self._decided(deciding.revoke, key)

    def deny(self, key: tuple[str, str, str]) -> bool:
        return self._decided(deciding.deny, key)

    def _decided(self, decide, key: tuple[str, str, str], *said) -> bool:  # type: ignore[no-untyped-def]
        domain, name, asset = key
        major = int(asset.rpartition(".v")[2])
        if said:
            said = (replace(said[0], version=major),)
        more = {} if said else {"version": major}
        try:
            decide(ENVIRONMENT, self.platform, f"{domain}/{name}", *said, **more)
        except MeshError:
            return False
        return True


def _subscription(domain: str, name: str, reads: Reads) -> Subscription:
    return Subscription(
        domain=domain,
        name=name,
        consumer=reads.consumer,
        principal=reads.principal,
        product=reads.product,
        version=reads.major,
        purpose="reports",
        fields=("a",),
        contact={"email": "x@example.com"},
        deliver={"to": "python"},
        where=PLACE,
    )


def _port(asset: str, said: Version) -> Port:
    domain, name, major = asset.split(".")
    field = {"name": "a", "logicalType": "string", "classification": said.classification}
    document = {"status": said.status, "schema": [{"properties": [field]}]}
    contract = ContractFile("c.yaml", document, {}, StreamOptions())
    number = int(major[1:])
    return Port(
        domain, name, name, number, f"{number}.0.0", said.status, contract, ModelFile("m.sql", "")
    )


class Deeds:
    """What people do, at random."""

    def __init__(self, world: World, chance: random.Random) -> None:
        self.world, self.chance = world, chance

    def key(self) -> tuple[str, str, str]:
        """Give a subscription and a version that it may have asked for."""
        domain = self.chance.choice(("marketing", "finance", "sales"))
        name = self.chance.choice(("one", "two"))
        reads = self.world.subscriptions.get((domain, name))
        if reads is not None and self.chance.random() < 0.8:
            return domain, name, reads.asset
        return domain, name, self.chance.choice(list(self.world.versions))

    def record(self, deed: str) -> tuple[str, str, str]:
        """Give what somebody decides about: mostly what it makes sense to decide about."""
        assert self.world.platform.catalog is not None
        sensible = {"revoke": (State.GRANTED,), "deny": (State.REQUESTED,)}
        states = sensible.get(deed, tuple(State))
        known = [one for one in self.world.platform.catalog.access() if one.state in states]
        if known and self.chance.random() < 0.9:
            return self.chance.choice(known).key
        return self.key()

    def subscribe(self) -> None:
        domain, name, asset = self.key()
        product, _, major = asset.rpartition(".v")
        consumer = self.chance.choice(("loader", "loader", "batch"))
        self.world.subscriptions[domain, name] = Reads(consumer, product, int(major))

    def unsubscribe(self) -> None:
        self.world.subscriptions.pop(self.key()[:2], None)

    def move(self) -> None:
        """Move a subscription to another domain."""
        domain, name, _ = self.key()
        reads = self.world.subscriptions.pop((domain, name), None)
        if reads is not None:
            other = self.chance.choice(("marketing", "finance", "sales"))
            self.world.subscriptions[other, name] = reads

    def release(self) -> None:
        product = self.chance.choice(PRODUCTS)
        majors = [one for one in self.world.versions if one.startswith(product)]
        if len(majors) < 4:
            classification = self.chance.choice(CLASSES)
            self.world.versions[f"{product}.v{len(majors) + 1}"] = Version("active", classification)

    def age(self) -> None:
        """Deprecate a version, or retire it."""
        asset = self.chance.choice(list(self.world.versions))
        said = self.world.versions[asset]
        status = self.chance.choice(("deprecated", "retired"))
        if said.status != "retired":
            self.world.versions[asset] = replace(said, status=status)

    def classify(self) -> None:
        asset = self.chance.choice(list(self.world.versions))
        said = self.world.versions[asset]
        self.world.versions[asset] = replace(said, classification=self.chance.choice(CLASSES))

    def sleep(self) -> None:
        self.world.today += timedelta(days=self.chance.randint(1, 3))

    def approval(self) -> Approval:
        fields = self.chance.choice(((), ("a",)))
        days = self.chance.choice((None, 0, 1, 4))
        expires = None if days is None else (self.world.today + timedelta(days)).isoformat()
        return Approval("", expires, fields)
