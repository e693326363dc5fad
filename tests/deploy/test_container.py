"""The image's recipe and related files, read as text, and its steps run in a folder without an engine."""

import fnmatch
import json
import os
import re
import shutil
import subprocess
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Any

import kubernetes_validate
import pytest
import yaml

from dashboard.command_line import worker
from dashboard.environment import VARIABLES
from jobs.background import alive_file
from scripts.product import KEY, free_port

ROOT = Path(__file__).resolve().parents[2]
IMAGE = "${IMAGE:-jobs-dashboard}"
SECRETS = {variable.name for variable in VARIABLES if variable.secret}


def instructions() -> list[tuple[str, str]]:
    """(FROM, "python…"), (RUN, "…") and so on, with continued lines joined and without comments."""
    lines = [line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in joined.splitlines() if line)]


def last(word: str) -> str:
    return [rest for name, rest in instructions() if name == word][-1]


def is_sent(path: str) -> bool:
    """Whether .dockerignore includes a file in the build: the last matching pattern decides."""
    sent = True
    for line in (ROOT / ".dockerignore").read_text().splitlines():
        pattern = line.strip().removeprefix("!").rstrip("/")
        if not pattern or line.startswith("#"):
            continue
        places = [path, *(str(parent) for parent in Path(path).parents)]
        loose = pattern.removeprefix("**/")
        names = Path(path).parts if pattern.startswith("**/") else places
        if any(fnmatch.fnmatchcase(name, loose) for name in names):
            sent = line.startswith("!")
    return sent


@pytest.fixture(scope="module")
def compose() -> Any:
    return yaml.safe_load((ROOT / "compose.yaml").read_text())


@pytest.fixture(scope="module")
def built() -> Iterator[Path]:
    """The result of `docker build`, with /app, /venv and /data in a folder of the test."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    try:
        build(folder)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)


class TestDockerfile:
    def test_the_image_runs_as_an_unprivileged_user(self) -> None:
        user, _, group = last("USER").partition(":")
        assert int(user) > 0
        assert int(group) > 0

    def test_build_tools_are_not_in_the_image(self) -> None:
        stages = [index for index, (word, _) in enumerate(instructions()) if word == "FROM"]
        final = instructions()[stages[-1] :]
        assert len(stages) == 2
        assert not [rest for word, rest in final if word == "RUN" and "pip" in rest]

    def test_every_package_is_the_locked_one(self) -> None:
        installs = [rest for word, rest in instructions() if word == "RUN" and re.search(r"\bpip\b.* install ", rest)]
        assert installs
        assert all("--require-hashes" in rest for rest in installs)

    def test_an_init_process_starts_it_and_forwards_signals(self) -> None:
        init, *_, entrypoint = json.loads(last("ENTRYPOINT"))
        assert init == "tini"
        assert entrypoint == "/app/deploy/entrypoint.sh"
        assert json.loads(last("CMD")) == ["web"]

    def test_the_image_has_labels(self) -> None:
        labels = dict(re.findall(r"org\.opencontainers\.image\.(\w+)=(\"[^\"]+\"|\S+)", last("LABEL")))
        assert {"title", "description", "licenses", "version", "revision", "source"} == set(labels)

    def test_no_secret_is_set_or_requested(self) -> None:
        said = " ".join(rest for word, rest in instructions() if word in {"ENV", "ARG", "COPY", "ADD"})
        assert not [name for name in SECRETS - {"DATABASE_URL"} if name in said]
        assert "sqlite:" in said

    @pytest.mark.parametrize(
        "path",
        [
            ".env",
            ".env.production",
            "db.sqlite3",
            "jobs/db.sqlite3-wal",
            "secrets/secret_key",
            ".git/config",
            ".demo/token_key",
            "dashboard/.env",
            ".venv/bin/python",
            "tests/conftest.py",
            "jobs/__pycache__/x.pyc",
        ],
    )
    def test_private_files_are_not_sent_to_the_build(self, path: str) -> None:
        assert not is_sent(path)

    @pytest.mark.parametrize(
        "path",
        [
            "deploy/entrypoint.sh",
            "manage.py",
            "gunicorn.conf.py",
            "requirements/runtime.txt",
            "jobs/models.py",
            "templates/base.html",
            "static/css/base.css",
        ],
    )
    def test_files_needed_to_serve_are_sent_to_the_build(self, path: str) -> None:
        assert is_sent(path)


class TestDeployment:
    def test_every_web_process_is_locked_down(self, compose: Any) -> None:
        web = [service for service in compose["services"].values() if service.get("image") == IMAGE]
        assert len(web) == 3
        for service in web:
            assert service["read_only"]
            assert service["cap_drop"] == ["ALL"]
            assert "no-new-privileges:true" in service["security_opt"]

    def test_compose_contains_no_secret(self, compose: Any) -> None:
        for service in compose["services"].values():
            assert not SECRETS & set(service.get("environment", {}))
        assert all(secret["file"].startswith("secrets/") for secret in compose["secrets"].values())
        assert "secrets/" in (ROOT / ".gitignore").read_text()

    def test_database_and_redis_are_reached_from_inside_only(self, compose: Any) -> None:
        assert compose["networks"]["inside"]["internal"]
        for name in ("db", "redis"):
            assert compose["services"][name]["networks"] == ["inside"]
            assert "ports" not in compose["services"][name]

    def test_the_proxy_limits_slow_and_large_requests(self, compose: Any) -> None:
        file, _, place = compose["services"]["proxy"]["volumes"][0].partition(":")
        assert place == "/etc/caddy/Caddyfile:ro"
        caddy = " ".join((ROOT / file).read_text().partition("\n")[2].split())
        limits = "servers { timeouts { read_header 10s read_body 10s } max_header_size 16KB } grace_period 5s"
        assert caddy.startswith(f"{{ {limits} }} {{$SITE}} {{")  # global options must be first
        assert "request_body { max_size 1MB }" in caddy
        nginx = (ROOT / "deploy/nginx.conf").read_text()
        for limit in ("client_header_timeout 10s", "client_body_timeout 10s", "client_max_body_size 1m"):
            assert f"{limit};" in nginx

    @pytest.mark.parametrize("file", ["compose.yaml", "deploy/kubernetes.yaml", "deploy/jobs-dashboard.service"])
    def test_every_variable_is_one_we_read(self, file: str) -> None:
        known = {variable.name for variable in VARIABLES}
        files = set(re.findall(r"\b([A-Z][A-Z_]+)_FILE\b", (ROOT / file).read_text())) - {"NAME"}
        assert files
        assert files - {"POSTGRES_PASSWORD"} <= known

    def test_the_dashboards_database_role_is_no_superuser(self, compose: Any) -> None:
        """The image makes POSTGRES_USER a superuser. deploy/database.sh is tested on a real PostgreSQL."""
        database = compose["services"]["db"]
        assert "POSTGRES_USER" not in database["environment"]
        assert database["environment"]["POSTGRES_PASSWORD_FILE"] == "/run/secrets/database_admin_password"
        mounted = [volume.split(":")[0] for volume in database["volumes"]]
        assert "./deploy/database.sh" in mounted
        others = [each for name, each in compose["services"].items() if name != "db"]
        assert not [each for each in others if "database_admin_password" in each.get("secrets", [])]

    def test_the_guide_keeps_required_variables_for_later_commands(self) -> None:
        """`docker compose exec` needs them as much as `up` does: before a command they would be forgotten."""
        required = re.findall(r"\$\{(\w+):\?", (ROOT / "compose.yaml").read_text())
        guide = (ROOT / "docs/deploy.md").read_text().partition("docker compose")[0]
        assert required
        assert [name for name in required if not re.search(rf"^echo '{name}=\S+' > \.env", guide, re.MULTILINE)] == []

    def test_everything_stops_within_ten_seconds(self, compose: Any) -> None:
        for service in compose["services"].values():
            assert service.get("stop_grace_period", "10s") == "10s"
            if service.get("image") == IMAGE:
                assert not {"init", "entrypoint"} & set(service)  # the image's own forwards SIGTERM
        assert re.search(r"^graceful_timeout = [1-8] ", (ROOT / "gunicorn.conf.py").read_text(), re.MULTILINE)

    @pytest.mark.parametrize("name", ["-purge", "-worker"])
    def test_the_worker_is_as_locked_down_as_the_web_process(self, name: str) -> None:
        serves, beside = (
            set((ROOT / f"deploy/jobs-dashboard{name}.service").read_text().splitlines()) for name in ("", name)
        )
        locks = re.compile(r"(Capability|Lock|Memory|NoNew|Private|Proc|Protect|Restrict|SystemCall|UMask)\w*=")
        assert len([line for line in serves if locks.match(line)]) > 20
        assert {line for line in serves if locks.match(line)} <= beside

    def test_kubernetes_admits_only_the_proxy(self) -> None:
        documents = manifests()
        policies = [each["spec"] for each in documents if each["kind"] == "NetworkPolicy"]
        labels = [pod["metadata"]["labels"] for pod in map(_template, documents) if pod]
        assert sorted(map(str, labels)) == sorted(str(policy["podSelector"]["matchLabels"]) for policy in policies)
        for policy in policies:
            for rule in policy.get("ingress", []):
                assert all(who["namespaceSelector"]["matchLabels"] for who in rule["from"])
                assert all(who["podSelector"]["matchLabels"] for who in rule["from"])

    @pytest.mark.parametrize("version", ["1.30", "1.33", "1.36"])
    def test_kubernetes_fields_are_valid(self, version: str) -> None:
        for manifest in manifests():
            kubernetes_validate.validate(manifest, version, strict=True)

    def test_every_pod_has_probes_and_a_disruption_budget(self) -> None:
        pods = [pod for pod in map(_template, manifests()) if pod]
        assert len(pods) == 2
        for pod in pods:
            (container,) = pod["spec"]["containers"]
            assert {"startupProbe", "livenessProbe"} <= set(container)
        budgets = [each["spec"] for each in manifests() if each["kind"] == "PodDisruptionBudget"]
        assert [pod["metadata"]["labels"] for pod in pods] == [each["selector"]["matchLabels"] for each in budgets]

    def test_the_worker_probe_allows_the_workers_start_up_time(self) -> None:
        (probe,) = [
            container["startupProbe"]
            for pod in manifests("Deployment")
            for container in pod["spec"]["template"]["spec"]["containers"]
            if container["name"] == "worker"
        ]
        assert probe["exec"]["command"][1:] == ["-m", "dashboard", "worker", "--alive"]
        assert probe["periodSeconds"] * probe["failureThreshold"] > worker.WAIT

    def test_kubernetes_pods_are_locked_down(self) -> None:
        for document in manifests():
            for pod in _pods(document):
                assert pod["securityContext"]["runAsNonRoot"]
                assert not pod["automountServiceAccountToken"]
                for container in pod["containers"] + pod.get("initContainers", []):
                    assert container["securityContext"]["readOnlyRootFilesystem"]

    @pytest.mark.processes
    def test_systemd_accepts_the_services(self) -> None:
        if shutil.which("systemd-analyze") is None:
            pytest.skip("no systemd-analyze here")
        units = sorted(map(str, (ROOT / "deploy").glob("*.service")))
        done = subprocess.run(["systemd-analyze", "verify", *units], capture_output=True, text=True, check=False)
        complaints = [line for line in done.stderr.splitlines() if "is not executable" not in line]
        assert not [line for line in complaints if "jobs-dashboard" in line]


@pytest.mark.slow
class TestRunningTheSteps:
    def test_the_image_serves_read_only_and_stops_on_sigterm(self, built: Path, tmp_path: Path) -> None:
        before = listing(built / "app")
        url = f"http://127.0.0.1:{free_port()}"
        here = environment(built) | {"PORT": url.rpartition(":")[2], "TMPDIR": str(tmp_path)}
        *_, entrypoint = json.loads(inside(built, last("ENTRYPOINT")))
        command = [entrypoint, *json.loads(last("CMD"))]
        is_healthy = partial(probed, built, here)
        process = subprocess.Popen(command, cwd=built / "app", env=here, stderr=subprocess.PIPE)
        try:
            wait(url + "/readyz", process)
            assert is_healthy()
            assert b"static/css/base." in page(url + "/accounts/login/")
        finally:
            process.terminate()
        assert process.wait(15) == 0
        assert not is_healthy()
        (tmp_path / alive_file.FILE.name).touch()  # like a worker
        assert is_healthy()
        assert listing(built / "app") == before


def probed(built: Path, here: dict[str, str]) -> bool:
    probe = json.loads(inside(built, last("HEALTHCHECK").partition("CMD ")[2]))
    return subprocess.run(probe, cwd=built / "app", env=here, check=False).returncode == 0


def page(address: str) -> bytes:
    """The page, requested like by a proxy with TLS."""
    request = urllib.request.Request(address, headers={"X-Forwarded-Proto": "https"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        return bytes(answer.read())


def build(folder: Path) -> None:
    for part in ("app", "data"):
        (folder / part).mkdir()
    patterns = (ROOT / ".dockerignore").read_text()
    for top in (path for path in ROOT.iterdir() if is_sent(path.name) or f"!{path.name}/" in patterns):
        for path in [top, *top.rglob("*")]:
            if path.is_file() and is_sent(str(path.relative_to(ROOT))):
                copy = folder / "app" / path.relative_to(ROOT)
                copy.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(path, copy)
    for word, step in instructions():
        if word == "RUN" and "chown" not in step:
            run_step(folder, step)


def run_step(folder: Path, step: str) -> None:
    kept = {name: value for name, value in os.environ.items() if name in {"PATH", "HOME"} or name.startswith("PIP_")}
    command = ["sh", "-ec", inside(folder, step)]
    done = subprocess.run(command, cwd=folder / "app", env=kept, capture_output=True, text=True, check=False)
    if done.returncode and re.search("No matching distribution|Connection|resolve|timed out", done.stderr):
        pytest.skip("the packages cannot be fetched here")
    assert done.returncode == 0, done.stderr[-2000:]


def environment(folder: Path) -> dict[str, str]:
    said = dict(part.split("=", 1) for part in inside(folder, last("ENV")).split())
    keys = {"SECRET_KEY": "k" * 60, "TOKEN_ENCRYPTION_KEYS": KEY}
    return said | keys | {"PATH": f"{folder}/venv/bin:{os.environ['PATH']}", "TRUSTED_PROXIES": "1", "WEB_WORKERS": "1"}


def wait(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 30
    while True:
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except (urllib.error.URLError, OSError):
            assert process.poll() is None, process.stderr.read().decode() if process.stderr else ""
            assert time.monotonic() < deadline
            time.sleep(0.1)


def inside(folder: Path, step: str) -> str:
    """The step with the image's paths moved into the folder."""
    return re.sub(r"(?<![\w.])/(app|venv|data)\b", rf"{folder}/\1", step)


def listing(folder: Path) -> set[str]:
    return {str(path) for path in folder.rglob("*")}


def manifests(kind: str = "") -> list[Any]:
    documents = yaml.safe_load_all((ROOT / "deploy/kubernetes.yaml").read_text())
    return [each for each in documents if kind in ("", each["kind"])]


def _pods(document: Any) -> list[Any]:
    template = _template(document)
    return [template["spec"]] if template else []


def _template(document: Any) -> Any:
    """The pod template of a Deployment or CronJob; None for other kinds."""
    spec = document["spec"]
    if "jobTemplate" in spec:
        spec = spec["jobTemplate"]["spec"]
    return spec.get("template")
