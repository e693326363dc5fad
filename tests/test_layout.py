"""Each module has a test file with its name in the mirrored folder, and each test file names its subject."""

from collections import Counter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
TESTS = ROOT / "tests"
# These test the product as a whole, or what is no Python.
WHOLE = {"browser", "deploy", "docs", "identity", "misbehaving", "processes", "scripts", "security", "templates"}
# What a name must not be: it says nothing of what is in the file.
EMPTY_NAMES = {"base", "common", "core", "helper", "helpers", "main", "misc", "util", "utils"}

ADDRESSES = "addresses alone: tests/security/test_url_map.py has each of them"
DECLARED = "words alone, which other modules' tests use one by one"
STARTED = "run while the product starts, as every test of it does"
WITHOUT_TESTS = {
    "dashboard/__main__.py": STARTED,
    "dashboard/apps.py": STARTED,
    "dashboard/settings.py": f"{STARTED}; what is read from the environment is in test_environment.py",
    "dashboard/urls.py": ADDRESSES,
    "dashboard/wsgi.py": STARTED,
    "jobs/apps.py": STARTED,
    "jobs/background/stopping.py": "one event, which the tests of the process set",
    "jobs/diagnosis/document_states.py": DECLARED,
    "jobs/urls.py": ADDRESSES,
}


def modules() -> list[Path]:
    """Of the product, apart from migrations and what a package says of itself."""
    found = [path for name in ("dashboard", "jobs") for path in (ROOT / name).rglob("*.py")]
    return sorted(path for path in found if path.name != "__init__.py" and "migrations" not in path.parts)


def named(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def mirror_of(module: Path) -> Path:
    """`jobs/teams/access.py` is tested in `tests/teams/test_access.py`, `dashboard/x.py` in `tests/dashboard/`."""
    base = ROOT / "jobs" if module.is_relative_to(ROOT / "jobs") else ROOT
    inner = module.relative_to(base)
    return TESTS / inner.parent / f"test_{inner.name}"


def subjects(test: Path) -> list[Path]:
    """What a test file may be about by its name: a module, the package of its folder, or a helper of the tests."""
    inner = test.relative_to(TESTS)
    name = inner.stem.removeprefix("test_")
    modules = [base / inner.parent / f"{name}.py" for base in (ROOT / "jobs", ROOT, TESTS)]
    packages = [base / inner.parent / "__init__.py" for base in (ROOT / "jobs", ROOT) if inner.parent.name == name]
    return [path for path in (*modules, *packages) if path.exists()]


@pytest.mark.parametrize("module", modules(), ids=named)
def test_a_module_has_a_test_file_of_its_name(module: Path) -> None:
    assert mirror_of(module).exists() or named(module) in WITHOUT_TESTS, f"write {named(mirror_of(module))}"


@pytest.mark.parametrize("module", WITHOUT_TESTS)
def test_each_exception_exists_and_is_needed(module: str) -> None:
    assert (ROOT / module).exists()
    assert not mirror_of(ROOT / module).exists(), "take it off the list"


def test_a_test_file_names_what_it_tests() -> None:
    files = [path for path in TESTS.rglob("test_*.py") if path.relative_to(TESTS).parts[0] not in WHOLE]
    astray = [named(path) for path in files if not subjects(path) and path != Path(__file__).resolve()]
    assert not astray, "no module is of that name: move the tests to that of the module they are about"


def test_a_test_file_has_tests() -> None:
    empty = [named(path) for path in TESTS.rglob("test_*.py") if "def test_" not in path.read_text()]
    assert not empty


def test_a_test_is_in_a_package() -> None:
    """Or two files of one name could not be collected together."""
    assert not [named(path) for path in TESTS.rglob("test_*.py") if not (path.parent / "__init__.py").exists()]


def test_no_name_is_used_twice_in_nested_packages() -> None:
    for package in (path for name in ("dashboard", "jobs") for path in (ROOT / name).iterdir() if path.is_dir()):
        names = Counter(path.stem for path in modules() if path.is_relative_to(package))
        names.update(path.parent.name for path in package.rglob("__init__.py") if path.parent != package)
        assert {name for name, count in names.items() if count > 1} == set(), named(package)


def test_a_name_describes_the_file() -> None:
    assert not [named(path) for path in modules() if path.stem in EMPTY_NAMES]
