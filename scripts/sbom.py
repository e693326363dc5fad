"""`python -m scripts.sbom`: writes requirements/sbom.json, the bill of materials, as CycloneDX 1.6.

Its sources are the locked lists and static/vendor/VENDOR.md; licences and dependencies come from the installed
packages. The output is reproducible: no time, no serial number. A test compares it.
"""

import json
import re
import tomllib
from hashlib import sha256
from importlib.metadata import Distribution, distribution
from itertools import chain
from pathlib import Path
from typing import Any
from urllib.parse import quote

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from jobs import __version__

ROOT = Path(__file__).resolve().parent.parent
FILE = ROOT / "requirements" / "sbom.json"
VENDOR = ROOT / "static" / "vendor" / "VENDOR.md"
HTMX = "django_htmx/static/django_htmx/htmx-2.min.js"  # the file served by {% htmx_script %}
# The environment of the image, on whatever machine this runs.
IMAGE = {
    "python_version": "3.13",
    "python_full_version": "3.13.9",
    "implementation_name": "cpython",
    "platform_python_implementation": "CPython",
    "sys_platform": "linux",
    "platform_system": "Linux",
    "os_name": "posix",
}

Lock = dict[str, tuple[Requirement, list[str]]]  # by name: the locked requirement and its hashes


def bom() -> dict[str, Any]:
    """The whole document. Raises PackageNotFoundError if a locked package is not installed."""
    about = project()
    runtime, extras = locked("runtime"), locked("extras")
    every = extras | runtime
    product = {"type": "application", "bom-ref": "product", "name": about["name"], "version": __version__}
    components = [package(name, every, "required" if name in runtime else "optional") for name in sorted(every)]
    return {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": product | {"licenses": [{"expression": about["license"]}]}},
        "components": [*components, *vendored()],
        "dependencies": [
            {"ref": "product", "dependsOn": [purl(every, name) for name in wanted() if name in every]},
            *({"ref": purl(every, name), "dependsOn": needs(name, every)} for name in sorted(every)),
        ],
    }


def project() -> dict[str, Any]:
    """The project table of pyproject.toml."""
    about: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return about


def locked(name: str) -> Lock:
    """The packages of requirements/<name>.txt that the image installs."""
    text = (ROOT / "requirements" / f"{name}.txt").read_text().replace("\\\n", " ")
    found: Lock = {}
    for line in text.splitlines():
        stated, *hashes = re.split(r"\s+--hash=sha256:", line.strip())
        requirement = Requirement(stated)
        if requirement.marker is None or requirement.marker.evaluate(IMAGE | {"extra": ""}):
            found[canonicalize_name(requirement.name)] = (requirement, hashes)
    return found


def package(name: str, every: Lock, scope: str) -> dict[str, Any]:
    requirement, hashes = every[name]
    found: dict[str, Any] = {
        "type": "library",
        "bom-ref": purl(every, name),
        "name": name,
        "version": version(requirement),
        "scope": scope,
        "hashes": [sha_256(each) for each in hashes],
        "licenses": licences(distribution(name)),
        "purl": purl(every, name),
    }
    return found | ({"components": [htmx()]} if name == "django-htmx" else {})


def licences(installed: Distribution) -> list[dict[str, Any]]:
    """The licence stated by the package: an SPDX expression if it has one, otherwise its own text."""
    about = installed.metadata
    if "License-Expression" in about:
        return [{"expression": about["License-Expression"]}]
    stated = about["License"].splitlines() if "License" in about else []
    short = [line for line in stated[:1] if line and "Copyright" not in line]
    classified = [each.split(" :: ")[-1] for each in about.get_all("Classifier", []) if each.startswith("License")]
    return [{"license": {"name": name}} for name in short or classified]


def needs(name: str, every: Lock) -> list[str]:
    chosen = every[name][0].extras
    requirements = [Requirement(each) for each in distribution(name).requires or []]
    met = [each for each in requirements if any(holds(each, extra) for extra in ("", *chosen))]
    return sorted({purl(every, canonicalize_name(each.name)) for each in met if canonicalize_name(each.name) in every})


def holds(requirement: Requirement, extra: str) -> bool:
    return requirement.marker is None or requirement.marker.evaluate(IMAGE | {"extra": extra})


def wanted() -> list[str]:
    """The requirements of the project, including its extras."""
    about = project()
    asked = [*about["dependencies"], *chain.from_iterable(about["optional-dependencies"].values())]
    return [canonicalize_name(Requirement(each).name) for each in asked]


def vendored() -> list[dict[str, Any]]:
    """Third-party scripts, fonts and icons, by the package they are from."""
    text, origin = VENDOR.read_text(), ("", "", "")
    found: dict[str, dict[str, Any]] = {}
    for row in re.findall(r"^\| `.+`.+`[0-9a-f]{64}` \|$", text, re.MULTILINE):
        _, source, release, licence, digest = (cell.strip() for cell in row.strip("|").split("|"))
        if source != "the same":
            origin = (source.split("`")[1], release, licence.split(",")[0].replace(" ", "-"))
        found.setdefault(origin[0], npm(*origin))["hashes"].append(sha_256(digest.strip("`")))
    drawings = re.search(r"Lucide ([\d.]+) \(npm `([^`]+)`, (\w+),", text)
    if drawings is None:
        raise ValueError("VENDOR.md does not say what icons.json is from")
    return [*found.values(), npm(drawings[2], drawings[1], drawings[3])]


def htmx() -> dict[str, Any]:
    """htmx, which django-htmx contains in its own version."""
    script = Path(str(distribution("django-htmx").locate_file(HTMX))).read_bytes()
    release = re.search(rb'version:"([\d.]+)"', script)
    if release is None:
        raise ValueError("htmx does not say its version")
    return npm("htmx.org", release[1].decode(), "0BSD") | {"hashes": [sha_256(sha256(script).hexdigest())]}


def npm(name: str, release: str, licence: str) -> dict[str, Any]:
    address = f"pkg:npm/{quote(name)}@{release}"
    about = {"type": "library", "bom-ref": address, "name": name, "version": release, "purl": address}
    return about | {"licenses": [{"license": {"id": licence}}], "hashes": []}


def purl(every: Lock, name: str) -> str:
    return f"pkg:pypi/{name}@{version(every[name][0])}"


def version(requirement: Requirement) -> str:
    return str(requirement.specifier).removeprefix("==")


def sha_256(digest: str) -> dict[str, str]:
    return {"alg": "SHA-256", "content": digest}


def page() -> str:
    return json.dumps(bom(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    FILE.write_text(page())
