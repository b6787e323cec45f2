"""Where a stack's files are."""

from streammesh.local.layout import Layout


def test_the_stack_is_in_the_workspace(tmp_path):
    assert Layout.of(tmp_path).home == tmp_path.resolve() / ".mesh"


def test_a_workspace_can_share_the_stack_of_another(tmp_path):
    one, other = tmp_path / "one", tmp_path / "other"
    one.mkdir()
    other.mkdir()
    Layout.of(one).create()
    (other / ".mesh").symlink_to("../one/.mesh")
    assert Layout.of(other) == Layout.of(one)
