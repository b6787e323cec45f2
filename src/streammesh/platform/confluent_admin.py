"""The administration of a real Kafka cluster, by confluent-kafka."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from secrets import token_bytes
from time import monotonic, sleep
from typing import Any, TypeVar

from confluent_kafka import (
    IsolationLevel,
    KafkaError,
    KafkaException,
    TopicCollection,
    TopicPartition,
)
from confluent_kafka.admin import (
    AdminClient,
    ConfigResource,
    NewPartitions,
    OffsetSpec,
    ResourceType,
    ScramCredentialInfo,
    ScramMechanism,
    UserScramCredentialUpsertion,
)

from streammesh.errors.platform import AlreadyThere, Missing
from streammesh.platform.confluent_values import (
    change,
    chunks,
    copies,
    mechanism_name,
    new_topic,
    own,
)
from streammesh.platform.kafka import Acl, Cluster, Topic, TopicSpec
from streammesh.platform.kafka_acls import EVERY_ACL, acl_of, binding, exact_filter, operation_of
from streammesh.platform.kafka_failures import (
    ELECTING,
    REQUEST_SECONDS,
    SYSTEM,
    ConnectionWatch,
    bad_setting,
    refused,
    wait,
)
from streammesh.platform.kafka_quotas import KafkaQuotas
from streammesh.platform.settings import KafkaSettings

CHUNK = 500
"""Topics asked about or created in one request."""

IN_FLIGHT = 4
"""Requests under way at a time when there are many."""

SETTLE_SECONDS = 30.0
"""For brokers to show what the controller did: after hundreds of new topics they lag by seconds."""

CONFIG_SETTLE_SECONDS = 5.0
"""The same for a configuration, which a broker might show in another way than it was written."""

SCRAM_ITERATIONS = 4096
DELETED_ITERATIONS = 4099
"""Marks a user that was deleted: nobody knows its password."""

_GONE = KafkaError.UNKNOWN_TOPIC_OR_PART

T = TypeVar("T")


class ConfluentKafkaAdmin:
    """A `KafkaAdmin` that talks to a cluster; may be used from several threads."""

    def __init__(self, settings: KafkaSettings) -> None:
        """Prepare a client; the connection is made by the first call.

        Raises:
            SettingWrong: no client can be made with these settings.
        """
        self._settings = settings
        self._quotas = KafkaQuotas(settings)
        self._watch = ConnectionWatch(settings)
        properties: dict[str, Any] = {
            **settings.librdkafka(),
            "socket.connection.setup.timeout.ms": 5000,
            "error_cb": self._watch.on_error,
        }
        try:
            self._client = AdminClient(properties)
        except KafkaException as error:
            raise bad_setting(error, settings) from error

    def cluster(self) -> Cluster:
        """See `KafkaAdmin.cluster`."""
        action = "describe the cluster"
        future = self._client.describe_cluster(
            include_authorized_operations=True, request_timeout=REQUEST_SECONDS
        )
        found = self._result(future, action)
        brokers = tuple(sorted(node.id for node in found.nodes))
        allowed = frozenset(map(operation_of, found.authorized_operations or ()))
        return Cluster(found.cluster_id, brokers, allowed)

    def topics(
        self,
        prefixes: Collection[str] | None = None,
        *,
        configured: Collection[str] | None = None,
    ) -> Mapping[str, Topic]:
        """See `KafkaAdmin.topics`."""
        wanted = ("",) if prefixes is None else tuple(prefixes)
        seen = {
            name: topic
            for name, topic in self._metadata().topics.items()
            if name.startswith(wanted) and not name.startswith("__")
        }
        asked = seen.keys() if configured is None else seen.keys() & set(configured)
        configs = self._topic_configs(sorted(asked))
        return {
            name: Topic(name, len(topic.partitions), copies(topic), configs.get(name, {}))
            for name, topic in seen.items()
            if name in configs or name not in asked
        }

    def _metadata(self) -> Any:
        if not self._watch.connected:
            self.cluster()  # `list_topics` waits to its end even where the login was refused
        try:
            return self._client.list_topics(timeout=REQUEST_SECONDS)
        except KafkaException as error:
            self._client.poll(0)
            raise self._watch.explain(error.args[0], "list topics") from error

    def _topic_configs(self, names: Sequence[str]) -> dict[str, dict[str, str]]:
        found: dict[str, dict[str, str]] = {}
        runs = list(chunks(names, CHUNK))
        for wave in chunks(runs, IN_FLIGHT):
            requests = [self._describe(ResourceType.TOPIC, chunk) for chunk in wave]
            for request in requests:
                found |= self._own_configs(request)
        return found

    def _describe(
        self, kind: ResourceType, names: Iterable[str]
    ) -> Mapping[ConfigResource, Future[Any]]:
        resources = [ConfigResource(kind, name) for name in names]
        return self._client.describe_configs(resources, request_timeout=REQUEST_SECONDS)

    def _own_configs(
        self, request: Mapping[ConfigResource, Future[Any]]
    ) -> Iterator[tuple[str, dict[str, str]]]:
        for resource, future in request.items():
            action = f"read the configuration of topic `{resource.name}`"
            entries = self._unless(_GONE, future, action)
            if entries is not None:
                yield resource.name, own(entries.values())

    def create_topics(self, specs: Iterable[TopicSpec]) -> None:
        """See `KafkaAdmin.create_topics`."""
        there: list[str] = []
        for chunk in chunks(list(specs), CHUNK):
            futures = self._client.create_topics(
                [new_topic(spec) for spec in chunk], request_timeout=REQUEST_SECONDS
            )
            for name, future in futures.items():
                if not self._created(name, future):
                    there.append(name)
            self._await_described([spec.name for spec in chunk])
        if there:
            raise AlreadyThere(system=SYSTEM, kind="topic", name=there[-1], names=there)

    def _created(self, name: str, future: Future[None]) -> bool:
        try:
            wait(future, self._client, self._watch, f"create topic `{name}`")
        except KafkaException as error:
            if error.args[0].code() == KafkaError.TOPIC_ALREADY_EXISTS:
                return False
            raise self._watch.explain(error.args[0], f"create topic `{name}`") from error
        return True

    def _await_described(self, names: Collection[str]) -> None:
        _settle(lambda: len(self._described(names)) == len(names))

    def _await_gone(self, names: Collection[str]) -> None:
        _settle(lambda: not self._described(names))

    def _described(self, names: Collection[str]) -> dict[str, int]:
        """Give the partitions of those topics that every broker asked already knows."""
        if not names:
            return {}
        futures = self._client.describe_topics(
            TopicCollection(list(names)), request_timeout=REQUEST_SECONDS
        )
        found = {}
        for name, future in futures.items():
            topic = self._unless(_GONE, future, f"describe topic `{name}`")
            if topic is not None and all(one.leader for one in topic.partitions):
                found[name] = len(topic.partitions)
        return found

    def set_topic_config(self, name: str, changes: Mapping[str, str | None]) -> None:
        """See `KafkaAdmin.set_topic_config`."""
        if not changes:
            return
        resource = ConfigResource(
            ResourceType.TOPIC,
            name,
            incremental_configs=[change(key, value) for key, value in sorted(changes.items())],
        )
        request = self._client.incremental_alter_configs(
            [resource], request_timeout=REQUEST_SECONDS
        )
        for future in request.values():
            self._of_topic(name, future, f"configure topic `{name}`")
        _settle(lambda: self._has(name, changes), CONFIG_SETTLE_SECONDS)

    def _has(self, name: str, changes: Mapping[str, str | None]) -> bool:
        config = self._topic_configs([name]).get(name, {})
        return all(config.get(key) == value for key, value in changes.items())

    def add_partitions(self, name: str, total: int) -> None:
        """See `KafkaAdmin.add_partitions`."""
        request = self._client.create_partitions(
            [NewPartitions(name, total)], request_timeout=REQUEST_SECONDS
        )
        self._of_topic(name, request[name], f"give topic `{name}` {total} partitions")
        _settle(lambda: self._described([name]).get(name) == total)

    def delete_topics(self, names: Iterable[str]) -> None:
        """See `KafkaAdmin.delete_topics`."""
        for chunk in chunks(list(names), CHUNK):
            request = self._client.delete_topics(list(chunk), request_timeout=REQUEST_SECONDS)
            for name, future in request.items():
                self._unless(_GONE, future, f"delete topic `{name}`")
            self._await_gone(chunk)

    def acls(self) -> frozenset[Acl]:
        """See `KafkaAdmin.acls`."""
        action = "list access rights"
        future = self._client.describe_acls(EVERY_ACL, request_timeout=REQUEST_SECONDS)
        bindings = self._result(future, action)
        if not bindings:
            self._require_describe(action)
        return frozenset(acl for acl in map(acl_of, bindings) if acl is not None)

    def _require_describe(self, action: str) -> None:
        if not self.cluster().allowed & {"all", "describe"}:
            raise refused(self._settings, action)

    def create_acls(self, acls: Iterable[Acl]) -> None:
        """See `KafkaAdmin.create_acls`."""
        wanted = frozenset(acls)
        if wanted:
            request = self._client.create_acls(
                [binding(acl) for acl in sorted(wanted)], request_timeout=REQUEST_SECONDS
            )
            for future in request.values():
                self._result(future, "create access rights")
            _settle(lambda: wanted <= self.acls())

    def delete_acls(self, acls: Iterable[Acl]) -> None:
        """See `KafkaAdmin.delete_acls`."""
        unwanted = frozenset(acls)
        if unwanted:
            request = self._client.delete_acls(
                [exact_filter(acl) for acl in sorted(unwanted)], request_timeout=REQUEST_SECONDS
            )
            for future in request.values():
                self._result(future, "delete access rights")
            _settle(lambda: not unwanted & self.acls())

    def users(self) -> Mapping[str, frozenset[str]]:
        """See `KafkaAdmin.users`."""
        action = "list users"
        # Without this right confluent-kafka 2.16.1 frees a bad pointer, and the process aborts.
        self._require_describe(action)
        future: Any = self._client.describe_user_scram_credentials(request_timeout=REQUEST_SECONDS)
        found = self._result(future, action)
        mechanisms = {
            name: frozenset(
                mechanism_name(one.mechanism)
                for one in user.scram_credential_infos
                if one.iterations != DELETED_ITERATIONS
            )
            for name, user in found.items()
        }
        return {name: known for name, known in mechanisms.items() if known}

    def put_user(self, name: str, password: str) -> None:
        """See `KafkaAdmin.put_user`."""
        strong = self._settings.sasl_mechanism == "SCRAM-SHA-512"
        mechanism = ScramMechanism.SCRAM_SHA_512 if strong else ScramMechanism.SCRAM_SHA_256
        info = ScramCredentialInfo(mechanism, SCRAM_ITERATIONS)
        change = UserScramCredentialUpsertion(name, info, password.encode())
        self._alter_user(name, change, f"create user `{name}`")
        _settle(lambda: mechanism_name(mechanism) in self.users().get(name, ()))

    def delete_user(self, name: str) -> None:
        """See `KafkaAdmin.delete_user`.

        The user gets a password that nobody knows, and an odd count of iterations that tells us: a
        broker of Kafka 4.4.0 whose metadata log holds the deletion of a SCRAM user loads none of
        its users at its next start, and refuses everybody (docs/decisions/0012-deleted-users.md).
        """
        for text in self.users().get(name, frozenset()):
            mechanism = ScramMechanism[text.replace("-", "_")]
            info = ScramCredentialInfo(mechanism, DELETED_ITERATIONS)
            change = UserScramCredentialUpsertion(name, info, token_bytes(32))
            self._alter_user(name, change, f"disable user `{name}`")
        _settle(lambda: name not in self.users())

    def _alter_user(self, name: str, change: Any, action: str) -> None:
        request = self._client.alter_user_scram_credentials(
            [change], request_timeout=REQUEST_SECONDS
        )
        self._unless(KafkaError.RESOURCE_NOT_FOUND, request[name], action)

    def quotas(self) -> Mapping[str, int]:
        """See `KafkaAdmin.quotas`."""
        self.cluster()  # librdkafka knows best what is wrong with a connection
        return self._quotas.read()

    def put_quota(self, name: str, *, consumer_byte_rate: int) -> None:
        """See `KafkaAdmin.put_quota`."""
        self.cluster()
        self._quotas.write(name, consumer_byte_rate)
        _settle(lambda: self._quotas.read().get(name) == consumer_byte_rate)

    def delete_quota(self, name: str) -> None:
        """See `KafkaAdmin.delete_quota`."""
        self.cluster()
        self._quotas.write(name, None)
        _settle(lambda: name not in self._quotas.read())

    def end_offsets(self, topic: str) -> Mapping[int, int]:
        """See `KafkaAdmin.end_offsets`."""
        count = self._described([topic]).get(topic)
        if count is None:
            raise Missing(system=SYSTEM, kind="topic", name=topic)
        action = f"read the end of topic `{topic}`"
        deadline = monotonic() + SETTLE_SECONDS
        while True:
            try:
                return self._ends(topic, count, action)
            except KafkaException as error:
                if error.args[0].code() not in ELECTING or monotonic() > deadline:
                    raise self._watch.explain(error.args[0], action) from error
                sleep(0.05)

    def _ends(self, topic: str, count: int, action: str) -> dict[int, int]:
        newest: OffsetSpec = OffsetSpec.latest()  # type: ignore[no-untyped-call]
        request = self._client.list_offsets(
            {TopicPartition(topic, one): newest for one in range(count)},
            isolation_level=IsolationLevel.READ_UNCOMMITTED,
            request_timeout=REQUEST_SECONDS,
        )
        return {
            place.partition: wait(future, self._client, self._watch, action).offset
            for place, future in request.items()
        }

    def broker_config(self, name: str) -> str | None:
        """See `KafkaAdmin.broker_config`."""
        broker = str(self.cluster().brokers[0])
        (future,) = self._describe(ResourceType.BROKER, [broker]).values()
        entry = self._result(future, f"read the configuration of broker {broker}").get(name)
        return None if entry is None else entry.value

    def _result(self, future: Future[T], action: str) -> T:
        try:
            return wait(future, self._client, self._watch, action)
        except KafkaException as error:
            raise self._watch.explain(error.args[0], action) from error

    def _unless(self, code: int, future: Future[T], action: str) -> T | None:
        try:
            return wait(future, self._client, self._watch, action)
        except KafkaException as error:
            if error.args[0].code() == code:
                return None
            raise self._watch.explain(error.args[0], action) from error

    def _of_topic(self, name: str, future: Future[Any], action: str) -> None:
        try:
            wait(future, self._client, self._watch, action)
        except KafkaException as error:
            if error.args[0].code() == _GONE:
                raise Missing(system=SYSTEM, kind="topic", name=name) from error
            raise self._watch.explain(error.args[0], action) from error


def _settle(done: Callable[[], bool], seconds: float = SETTLE_SECONDS) -> None:
    """Wait until the brokers show a change; after a while go on, what comes next will tell."""
    deadline, pause = monotonic() + seconds, 0.01
    while not done() and monotonic() < deadline:
        sleep(pause)
        pause = min(2 * pause, 0.5)
