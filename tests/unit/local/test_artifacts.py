import re

from streammesh.local.artifacts import Artifact, load_lock

ARCHIVE = Artifact("io.debezium:debezium-connector-postgres:3.5.0.Final:plugin:tar.gz", "0" * 64, 1)
JAR = Artifact("org.slf4j:slf4j-api:1.7.36:jar", "0" * 64, 1)


def test_a_coordinate_with_classifier_names_the_file():
    assert ARCHIVE.filename == "debezium-connector-postgres-3.5.0.Final-plugin.tar.gz"
    assert ARCHIVE.is_archive


def test_a_coordinate_without_classifier_names_the_file():
    assert str(JAR.path) == "org/slf4j/slf4j-api/1.7.36/slf4j-api-1.7.36.jar"
    assert not JAR.is_archive


def test_the_lock_pins_every_file_and_names_no_host():
    sets = load_lock()
    assert set(sets) == {"kafka", "connect", "debezium", "registry"}
    for artifact in (a for one in sets.values() for a in one.artifacts):
        assert re.fullmatch("[0-9a-f]{64}", artifact.sha256)
        assert artifact.size > 0
        assert "/" not in artifact.coordinate


def test_what_runs_java_can_log():
    for name in ("kafka", "connect"):
        names = {artifact.parts[1] for artifact in load_lock()[name].artifacts}
        assert {"log4j-slf4j-impl", "log4j-core"} <= names
