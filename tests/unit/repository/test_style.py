"""How the code is laid out: short modules, short functions, imports where they can be seen."""

import ast
from pathlib import Path
from statistics import median

ROOT = Path(__file__).parents[3]
MODULES = sorted((ROOT / "src").rglob("*.py"))
TESTS = sorted((ROOT / "tests").rglob("*.py"))

Function = ast.FunctionDef | ast.AsyncFunctionDef


def functions(module: Path) -> list[Function]:
    tree = ast.parse(module.read_text())
    return [node for node in ast.walk(tree) if isinstance(node, Function)]


def body_lines(function: Function) -> int:
    """Lines of a function without its docstring and signature."""
    body = function.body[1:] if ast.get_docstring(function) else function.body
    return (function.end_lineno or 0) - body[0].lineno + 1 if body else 0


def test_no_module_and_no_test_is_over_400_lines() -> None:
    long = [
        f"{path}: {n}" for path in MODULES + TESTS if (n := len(path.read_text().split("\n"))) > 401
    ]
    assert long == []


def test_functions_are_read_at_one_glance() -> None:
    sizes = {f"{path}:{one.name}": body_lines(one) for path in MODULES for one in functions(path)}
    assert {name: size for name, size in sizes.items() if size > 60} == {}
    assert median(sizes.values()) < 10


def test_only_commands_import_inside_functions() -> None:
    """They do it to start quickly; elsewhere it would hide a cycle."""
    hidden = [
        f"{path.relative_to(ROOT)}:{node.lineno}"
        for path in MODULES
        if "cli" not in path.parts
        for one in functions(path)
        for node in ast.walk(one)
        if isinstance(node, ast.Import | ast.ImportFrom)
    ]
    assert hidden == []


def test_every_package_says_what_it_is_for() -> None:
    packages = [path for path in MODULES if path.name == "__init__.py"]
    assert [
        str(path) for path in packages if not ast.get_docstring(ast.parse(path.read_text()))
    ] == []
