"""The documents for contributors are correct: paths, commands, hooks, checks, and the index of decisions."""

import json
import re
import subprocess
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
GUIDE = (ROOT / "CONTRIBUTING.md").read_text()
LANGUAGES = (ROOT / "locale/README.md").read_text()
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z][a-z-]*):", MAKEFILE, re.MULTILINE))
DECISIONS = ROOT / "docs/decisions"
MADE_BY_THE_READER = {"locale/fr/LC_MESSAGES/django.po", "jobs/presenters/card/names.fr.json"}
PARTS = ["Context", "Decision", "Consequences", "Instead of"]
PAPERS = [
    "CONTRIBUTING.md",
    "README.md",
    "locale/README.md",
    ".github/pull_request_template.md",
    ".pre-commit-config.yaml",
]


def read(path: str) -> Any:
    return yaml.safe_load((ROOT / path).read_text())


def recipe(target: str) -> list[str]:
    """The commands of a target, with our Python."""
    lines = re.search(rf"^{target}:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
    assert lines
    return [line.strip().removeprefix("@").replace("$(PY)", ".venv/bin/python") for line in lines[1].splitlines()]


# --- CONTRIBUTING.md ---------------------------------------------------------------------------------------------


def test_every_path_in_the_guide_exists() -> None:
    paths = set(re.findall(r"`([\w.-]+/[\w./-]*\w/?|[\w.-]+\.(?:py|md|example))`", GUIDE + LANGUAGES)) - {
        "bill/invoice"
    }
    assert len(paths) > 30
    assert {path for path in paths - MADE_BY_THE_READER if not (ROOT / path).exists()} == set()


def test_the_guides_links_resolve() -> None:
    assert [link for link in re.findall(r"\]\(([^)#]+)\)", GUIDE) if not (ROOT / link).exists()] == []


def test_code_the_guide_mentions_exists() -> None:
    for path, name in [
        ("jobs/presenters/card/registry.py", "_CARDS"),
        ("dashboard/environment.py", "VARIABLES"),
        ("tests/dashboard/test_environment.py", "READERS"),
        ("tests/dashboard/test_environment.py", "WRONG"),
        ("jobs/upstream/first_response.py", "LONGEST_WAIT"),
        ("jobs/views/hooks.py", "login_not_required"),
        ("jobs/encryption.py", "Secret"),
        ("dashboard/urls.py", "styleguide/"),
    ]:
        assert name in GUIDE
        assert name in (ROOT / path).read_text(), path


def test_commands_write_the_files_the_guide_says() -> None:
    writes = re.findall(r"python -m (scripts\.\w+)` writes `([\w/.]+)`", GUIDE)
    assert len(writes) == 2
    assert [(name, path) for name, path in writes if ROOT / path != import_module(name).FILE] == []


def test_the_tree_names_every_package() -> None:
    tree = GUIDE.partition("## The tree")[2].split("```")[1]
    named = set(re.findall(r"([a-z_]+)/", tree))
    folders = {
        path.name
        for parent in ("dashboard", "jobs", "jobs/presenters")
        for path in (ROOT / parent).iterdir()
        if path.is_dir() and (path / "__init__.py").exists()
    }
    assert folders - named == set()
    assert len(tree.splitlines()) < 40


# --- make --------------------------------------------------------------------------------------------------------


def test_every_make_command_in_the_documents_exists() -> None:
    said = {name for path in PAPERS for name in re.findall(r"\bmake ([a-z]+)", code_of((ROOT / path).read_text()))}
    assert said
    assert said - TARGETS == set()


def test_every_test_that_ci_runs_on_postgresql_exists() -> None:
    paths = re.findall(r"tests/[\w/.]+", (ROOT / ".ci/run").read_text())
    assert len(paths) > 10
    assert [path for path in paths if not (ROOT / path).exists()] == []


def code_of(text: str) -> str:
    """The text between backticks: "to make sure" is not a command."""
    return "\n".join(re.findall(r"```.*?```|`[^`\n]+`", text, re.DOTALL))


def test_every_target_is_phony_and_has_help() -> None:
    phony = re.search(r"^\.PHONY: (.+)$", MAKEFILE, re.MULTILINE)
    assert phony
    assert set(phony[1].split()) == TARGETS == set(re.findall(r"^([a-z][a-z-]*):.* ## \S", MAKEFILE, re.MULTILINE))


@pytest.mark.processes
def test_make_help_lists_every_target() -> None:
    command = ["make", "--no-print-directory", "help"]  # which it prints when another make runs the tests
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    assert {line.split()[1] for line in done.stdout.splitlines()} == TARGETS


# --- The same checks everywhere ----------------------------------------------------------------------------------


def test_pre_commit_hooks_run_what_make_lint_runs() -> None:
    repositories = read(".pre-commit-config.yaml")["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    hooks = repositories[0]["hooks"]
    assert [hook["entry"] for hook in hooks] == recipe("lint")
    assert all(hook["language"] == "system" and hook["pass_filenames"] is False for hook in hooks)


def test_the_workflow_runs_the_ci_script_on_every_supported_python() -> None:
    job = read(".github/workflows/checks.yaml")["jobs"]["checks"]
    assert job["strategy"]["matrix"]["python"] == ["3.11", "3.12", "3.13", "3.14"]
    assert [step["run"] for step in job["steps"] if "run" in step] == [".ci/run"]


def test_make_targets_used_by_ci_exist() -> None:
    script = (ROOT / ".ci/run").read_text()
    assert set(re.findall(r"\bmake ([a-z]+)", script)) <= TARGETS
    paths = re.findall(r"tests/[\w/.]+", script)
    assert [path for path in paths if not (ROOT / path).exists()] == []


@pytest.mark.parametrize("path", sorted(str(p.relative_to(ROOT)) for p in (ROOT / ".github").rglob("*.y*ml")))
def test_github_files_are_valid(path: str) -> None:
    assert read(path)


def test_the_devcontainer_uses_existing_commands() -> None:
    described = json.loads((ROOT / ".devcontainer/devcontainer.json").read_text())
    assert set(re.findall(r"make ([a-z]+)", described["postCreateCommand"])) <= TARGETS


# --- Decisions ---------------------------------------------------------------------------------------------------


def test_the_index_lists_every_decision() -> None:
    listed = re.findall(r"\]\(([a-z-]+\.md)\)", (DECISIONS / "README.md").read_text())
    assert sorted(listed) == sorted(path.name for path in DECISIONS.glob("*.md") if path.name != "README.md")


@pytest.mark.parametrize("page", sorted(path.name for path in DECISIONS.glob("*.md") if path.name != "README.md"))
def test_a_decision_has_its_sections_and_fits_a_page(page: str) -> None:
    text = (DECISIONS / page).read_text()
    assert re.findall(r"^\*\*([A-Z][a-z ]+)", text, re.MULTILINE) == [
        "Context",
        "Decision",
        "Consequences",
        "Instead of",
    ]
    assert len(text.splitlines()) <= 40


def test_paths_in_decisions_exist() -> None:
    texts = "\n".join(path.read_text() for path in DECISIONS.glob("*.md"))
    paths = re.findall(r"`((?:jobs|static|tests|docs)/[\w./-]+)`", texts)
    assert [path for path in paths if not (ROOT / path).exists()] == []
