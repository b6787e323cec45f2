import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from streammesh.local.layout import Layout
from streammesh.local.secrets import Secrets


@pytest.fixture
def kept(tmp_path):
    layout = Layout.of(tmp_path)
    layout.create()
    return Secrets(layout)


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_password_is_made_once_and_stays(kept):
    first = kept.password_for("mesh.sales.reader")
    assert kept.password_for("mesh.sales.reader") == first
    assert kept.password_for("mesh.connect") != first
    assert len(first) >= 32
    assert kept.principals() == ("mesh.connect", "mesh.sales.reader")


def test_only_the_owner_can_read_them(kept):
    kept.password_for("admin")
    kept.internal("postgres")
    kept.put_connect("shop.password", "x")
    for path in kept.principals_file.parent.iterdir():
        assert mode(path) == 0o600
    assert mode(kept.principals_file.parent) == 0o700


def test_several_at_once_lose_none(kept):
    names = [f"p{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        made = list(pool.map(kept.password_for, names))
    assert [kept.password_for(name) for name in names] == made


def test_a_connect_secret_is_given_as_a_reference(kept, tmp_path):
    reference = kept.put_connect("shop.password", "hush")
    path = tmp_path.resolve() / ".mesh/secrets/connect.properties"
    assert reference == f"${{file:{path}:shop.password}}"
    assert "hush" not in reference


def test_odd_characters_survive_java_properties(kept):
    value = " a=b:c#d!\\e\tf\n€𝄞"
    kept.put_connect("first", value)
    kept.put_connect("second", "x")
    path = kept.principals_file.with_name("connect.properties")
    first = path.read_text().splitlines()[0]
    assert first == r"first=\u0020a=b:c#d!\u005ce\u0009f\u000a\u20ac\ud834\udd1e"
    assert kept.put_connect("third", "y").endswith(":third}")
    assert path.read_text().splitlines()[0] == first
