"""An invalid value stops the start with one line that names variable and expected form, not the value."""

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from dashboard import database_settings, environment
from dashboard.environment import VARIABLES, Refused
from tests.dashboard.test_checks import SOUND

ROOT = Path(__file__).resolve().parents[2]
READERS: dict[str, Callable[[str], object]] = {
    "DEBUG": environment.flag,
    "PLAIN_HTTP": environment.flag,
    "SSO_ONLY": environment.flag,
    "SECRET_KEY": lambda _: environment.secret_key(made_up=False),
    "TOKEN_ENCRYPTION_KEYS": lambda _: environment.fernet_keys(made_up=False),
    "ALLOWED_HOSTS": lambda name: environment.hosts(name, patterns=True),
    "PUBLIC_ORIGIN": lambda _: environment.public_origin(["jobs.example.com"], http_allowed=False),
    "ATTACHMENT_HOSTS": environment.hosts,
    "CSRF_TRUSTED_ORIGINS": environment.origins,
    "CHANNEL_ORIGINS": environment.origins,
    "INVOPOP_API_URL": lambda name: environment.origin(name, http_allowed=False),
    "DATABASE_URL": lambda _: database_settings.database("/tmp/x"),
    "REDIS_URL": lambda _: database_settings.redis(),
    "CASE_DAYS": lambda name: environment.whole(name, least=1),
    "SNAPSHOT_HOURS": lambda name: environment.whole(name, least=1),
    "SWEEP_A_MINUTE": lambda name: environment.whole(name, least=0),
    "RECORD_DAYS": lambda name: environment.whole(name, least=1),
    "TRUSTED_PROXIES": lambda name: environment.whole(name, least=0),
    "DATABASE_SECONDS": lambda _: database_settings.database("/tmp/x"),
    "CONSOLE_JOB_URL": lambda name: environment.template(name, "slug", "job"),
    "EXTRA_EXPLANATIONS": environment.file,
    "LOG_FORMAT": lambda name: environment.choice(name, "text", "json"),
}
WRONG = [
    ("DEBUG", "maybe"), ("PLAIN_HTTP", "2"), ("SSO_ONLY", "perhaps"), ("SECRET_KEY", "short"), ("SECRET_KEY", ""),
    ("TOKEN_ENCRYPTION_KEYS", "hunter2"), ("TOKEN_ENCRYPTION_KEYS", ""),
    ("SECRET_KEY", environment.DEBUG_SECRET_KEY), ("TOKEN_ENCRYPTION_KEYS", environment.DEBUG_FERNET_KEY),
    ("PUBLIC_ORIGIN", "jobs.example.com"), ("PUBLIC_ORIGIN", "http://jobs.example.com"),
    ("PUBLIC_ORIGIN", "https://jobs.example.com/team"), ("PUBLIC_ORIGIN", "https://u:hunter2@jobs.example.com"),
    ("ALLOWED_HOSTS", ""), ("ALLOWED_HOSTS", "https://jobs.example.com"), ("ALLOWED_HOSTS", "jobs.example.com:8000"),
    ("ATTACHMENT_HOSTS", "https://silo.invopop.com"), ("ATTACHMENT_HOSTS", "*"), ("ATTACHMENT_HOSTS", "a.com/x"),
    ("CHANNEL_ORIGINS", "chat.internal.example"), ("CHANNEL_ORIGINS", "https://a.com/x"),
    ("CSRF_TRUSTED_ORIGINS", "jobs.example.com"), ("CSRF_TRUSTED_ORIGINS", "https://"),
    ("CSRF_TRUSTED_ORIGINS", "https://a.com/x"), ("CSRF_TRUSTED_ORIGINS", "https://a:port"),
    ("INVOPOP_API_URL", "http://api.invopop.com"), ("INVOPOP_API_URL", "x"),
    ("DATABASE_URL", "hunter2"), ("DATABASE_URL", "/srv/db.sqlite3"), ("DATABASE_URL", "mysql://u:hunter2@h/x"),
    ("DATABASE_URL", "postgres://u:hunter2@h:5432/"), ("DATABASE_URL", "postgres://h:port/x"),
    ("DATABASE_URL", "sqlite:////nowhere/at/all/db.sqlite3"),
    ("REDIS_URL", "localhost:6379"), ("REDIS_URL", "http://:hunter2@h"), ("REDIS_URL", "redis://:hunter2@h:port/0"),
    ("REDIS_URL", "redis://h/zero"),
    ("SNAPSHOT_HOURS", "0"), ("SNAPSHOT_HOURS", "9" * 14), ("SNAPSHOT_HOURS", "9" * 5000), ("SNAPSHOT_HOURS", "1.5"),
    ("CASE_DAYS", "0"), ("CASE_DAYS", "a year"),
    ("RECORD_DAYS", "0"), ("SWEEP_A_MINUTE", "-1"), ("TRUSTED_PROXIES", "-1"), ("DATABASE_SECONDS", "x"),
    ("CONSOLE_JOB_URL", "javascript:alert(1)"), ("CONSOLE_JOB_URL", "https://x/{invoice}"),
    ("CONSOLE_JOB_URL", "https://x/{job"), ("CONSOLE_JOB_URL", "https://x/{}"),
    ("EXTRA_EXPLANATIONS", "/nowhere/own.json"), ("LOG_FORMAT", "xml"),
]  # fmt: skip
RIGHT = [
    ("PUBLIC_ORIGIN", ""),
    ("PUBLIC_ORIGIN", "https://jobs.example.com:8443"),
    ("ALLOWED_HOSTS", "Jobs.example.com, .example.org,127.0.0.1,[::1],*"),
    ("ATTACHMENT_HOSTS", ""),
    ("ATTACHMENT_HOSTS", "silo.invopop.com,files.example.com"),
    ("CSRF_TRUSTED_ORIGINS", "https://jobs.example.com,https://*.example.org:8443,http://127.0.0.1:8000"),
    ("DATABASE_URL", "postgres://u:p%40ss@h:5432/jobs?sslmode=verify-full"),
    ("DATABASE_URL", "postgresql:///jobs"),
    ("REDIS_URL", "rediss://:secret@h:6380/1"),
    ("REDIS_URL", "unix:///run/redis.sock?db=1"),
    ("CONSOLE_JOB_URL", "https://console.example.com/{slug}/{job}"),
]


@pytest.fixture(autouse=True)
def nothing_read_yet(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Clears the cache of files, which a process keeps."""
    for variable in VARIABLES:
        monkeypatch.delenv(variable.name, raising=False)
    yield
    environment.env.ENVIRON.files_cache.clear()


@pytest.mark.parametrize(("name", "value"), WRONG, ids=[f"{name}={value[:30]}" for name, value in WRONG])
def test_a_wrong_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    with pytest.raises(Refused, match=rf"^{name}: expected ") as refused:
        READERS[name](name)
    assert "hunter2" not in str(refused.value)


@pytest.mark.parametrize(("name", "value"), RIGHT, ids=[f"{name}={value[:30]}" for name, value in RIGHT])
def test_a_right_value_is_accepted(monkeypatch: pytest.MonkeyPatch, name: str, value: str) -> None:
    monkeypatch.setenv(name, value)
    READERS[name](name)


def test_a_file_takes_precedence_over_the_variable(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "format").write_text("json\n")
    monkeypatch.setenv("LOG_FORMAT", "text")
    monkeypatch.setenv("LOG_FORMAT_FILE", str(tmp_path / "format"))
    assert environment.choice("LOG_FORMAT", "text", "json") == "json"


@pytest.mark.parametrize("variable", VARIABLES, ids=lambda variable: variable.name)
@pytest.mark.parametrize("content", [None, b"\xb0\xff"], ids=["missing", "not text"])
def test_an_unreadable_file_is_named(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, variable: environment.Variable, content: bytes | None
) -> None:
    if content is not None:
        (tmp_path / "value").write_bytes(content)
    monkeypatch.setenv(f"{variable.name}_FILE", str(tmp_path / "value"))
    with pytest.raises(Refused, match=rf"^{variable.name}_FILE: expected the path of a readable file"):
        environment.text(variable.name)


def test_a_value_starting_with_a_dollar_is_literal(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("METRICS_TOKEN", "$PATH")
    assert environment.text("METRICS_TOKEN") == "$PATH"


@pytest.mark.processes
@pytest.mark.parametrize(
    ("command", "given", "name"),
    [
        (["manage.py", "check"], {"DATABASE_URL": "mysql://u:hunter2@h/x"}, "DATABASE_URL"),
        (["-m", "gunicorn", "dashboard.wsgi", "--workers", "1"], {"REDIS_URL": "http://:hunter2@h"}, "REDIS_URL"),
        (["-m", "gunicorn", "dashboard.wsgi", "--workers", "1"], {"STATIC_FOLDER": "/nowhere"}, "STATIC_FOLDER"),
        (["-m", "gunicorn", "dashboard.wsgi"], {"WEB_WORKERS": "many"}, "WEB_WORKERS"),
    ],
    ids=["a command", "the server", "no static files", "gunicorn's own settings"],
)
def test_the_start_stops_with_that_line(command: list[str], given: dict[str, str], name: str) -> None:
    bind = ["--bind", "127.0.0.1:0"] if "gunicorn" in command else []
    done = subprocess.run(
        [sys.executable, *command, *bind], cwd=ROOT, env={"PATH": os.environ["PATH"], **SOUND, **given},
        capture_output=True, text=True, check=False, timeout=60,
    )  # fmt: skip
    assert done.returncode != 0
    assert any(line.startswith(f"{name}: expected ") for line in done.stderr.splitlines()), done.stderr
    assert "Traceback" not in done.stderr
    assert "hunter2" not in done.stderr


@pytest.mark.parametrize(
    ("hosts", "origin"),
    [
        (["jobs.example.com", "localhost"], "https://jobs.example.com"),
        ([".example.com", "*", "jobs.example.com"], "https://jobs.example.com"),
        (["[::1]"], "https://[::1]"),
    ],
)
def test_links_use_the_first_named_host(hosts: list[str], origin: str) -> None:
    assert environment.public_origin(hosts, http_allowed=False) == origin


def test_host_patterns_alone_give_no_origin() -> None:
    with pytest.raises(Refused, match=r"^PUBLIC_ORIGIN: expected "):
        environment.public_origin([".example.com", "*"], http_allowed=False)


@pytest.mark.parametrize(
    ("hosts", "is_started"),
    [
        ("localhost,127.0.0.1,[::1],demo.localhost,127.1.2.3", True),
        ("localhost,jobs.example.com", False),
        ("*", False),
        (".example.com", False),
        ("10.0.0.7", False),
        ("127.0.0.1.example.com", False),
    ],
)
@pytest.mark.processes
@pytest.mark.parametrize("missing", ["SECRET_KEY", "TOKEN_ENCRYPTION_KEYS"])
def test_debug_generates_no_key_when_the_host_is_public(hosts: str, missing: str, is_started: bool) -> None:
    given = {
        name: value for name, value in SOUND.items() if name in {"SECRET_KEY", "TOKEN_ENCRYPTION_KEYS"} - {missing}
    }
    given |= {"PATH": os.environ["PATH"], "DEBUG": "on", "ALLOWED_HOSTS": hosts, "PUBLIC_ORIGIN": "http://localhost"}
    command = [sys.executable, "-c", "import dashboard.settings"]
    done = subprocess.run(command, cwd=ROOT, env=given, capture_output=True, text=True, check=False, timeout=60)
    assert (done.returncode == 0) == is_started
    assert is_started or f"{missing}: expected " in done.stderr
