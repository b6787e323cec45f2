"""Commands that are copied out of what was said."""

from collections.abc import Iterator

import pytest

from streammesh.errors.copied import ENVIRONMENT, broken, copied


@pytest.fixture
def production() -> Iterator[None]:
    token = ENVIRONMENT.set("production")
    yield
    ENVIRONMENT.reset(token)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (
            "`mesh access approve marketing/loads --field a`, or deny",
            "`mesh access approve --env production marketing/loads --field a`, or deny",
        ),
        ("mesh plan, mesh apply", "mesh plan --env production, mesh apply --env production"),
        ("`mesh apply --delete-data`, then", "`mesh apply --env production --delete-data`, then"),
        ("`mesh apply --env other`", "`mesh apply --env other`"),
        ("see mesh apply --help", "see mesh apply --help"),
        ("`mesh notices send`", "`mesh notices send --env production`"),
        ("`mesh notices`", "`mesh notices --env production`"),
        ("`mesh up`, the mesh runs, /bin/mesh run", "`mesh up`, the mesh runs, /bin/mesh run"),
        ("## mesh plan: `production`", "## mesh plan: `production`"),
        ("`mesh init DIR` and `mesh domain`", "`mesh init DIR` and `mesh domain`"),
    ],
)
@pytest.mark.usefixtures("production")
def test_a_command_names_the_environment(text: str, expected: str) -> None:
    assert copied(text) == expected
    assert copied(expected) == expected


def test_the_usual_environment_needs_no_name() -> None:
    assert copied("`mesh apply`") == "`mesh apply`"


def test_a_command_is_not_broken_where_it_fits() -> None:
    text = "it waits for its owner: `mesh access approve finance/loads`, or deny"
    lines = broken(text, 40)
    assert lines == ["it waits for its owner:", "`mesh access approve finance/loads`, or", "deny"]
    assert max(map(len, broken("`mesh access approve finance/loads --field a`", 30))) <= 30
