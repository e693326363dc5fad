"""`python -m scripts.configuration`: writes docs/configuration.md and .env.example from dashboard/environment.py."""

from pathlib import Path

from dashboard.environment import VARIABLES, Variable

ROOT = Path(__file__).resolve().parent.parent
FILE, EXAMPLE = ROOT / "docs" / "configuration.md", ROOT / ".env.example"
HEAD = """\
# Configuration

Everything an operator may change comes from the environment. This page is made from the table that the product itself
reads (`python -m scripts.configuration`); a test keeps the two in step.

- Every variable may come from a file instead: `SECRET_KEY_FILE=/run/secrets/secret_key`. The file wins over the
  variable. Give the ones marked *secret* that way, so that they appear in no process list and no crash report.
- A value that cannot be read stops the start with a message that names the variable and what is expected. It never
  repeats the value.
- `python manage.py check --deploy` says what is wrong or risky in a configuration, before anybody is served.

| variable | default | meaning |
| --- | --- | --- |
"""


def page() -> str:
    return HEAD + "".join(map(_row, VARIABLES))


def example() -> str:
    head = "# Every variable the dashboard reads. Each also as NAME_FILE, the path of a file that holds the value.\n"
    return head + "".join(f"\n# {each.meaning}\n#{each.name}={each.default}\n" for each in VARIABLES)


def _row(variable: Variable) -> str:
    default = f"`{variable.default}`" if variable.default else ""
    meaning = variable.meaning.replace("|", "\\|") + (" *Secret.*" if variable.secret else "")
    return f"| `{variable.name}` | {default} | {meaning} |\n"


if __name__ == "__main__":
    FILE.write_text(page(), "utf-8")
    EXAMPLE.write_text(example(), "utf-8")
