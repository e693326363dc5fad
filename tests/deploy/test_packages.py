"""The bill of materials is complete, and no locked package has a known vulnerability."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from scripts import sbom

REQUIREMENTS = Path(__file__).resolve().parents[2] / "requirements"
FLOORS = [
    Requirement(line.partition("#")[0])
    for line in (REQUIREMENTS / "floors.txt").read_text().splitlines()
    if not line.startswith("#")
]


@pytest.fixture(scope="module")
def bom() -> Any:
    return json.loads(sbom.FILE.read_text())


def locked(name: str) -> dict[str, list[str]]:
    """The versions of each package in a lock; one that differs between systems has several."""
    found: dict[str, list[str]] = {}
    lines = re.compile(r"^([a-z0-9.-]+)(?:\[[^]]*\])?==([^ ;\\]+)", re.MULTILINE)
    for package, version in lines.findall((REQUIREMENTS / name).read_text()):
        found.setdefault(package, []).append(version)
    return found


def test_the_bill_of_materials_is_up_to_date() -> None:
    assert sbom.FILE.read_text() == sbom.page(), "run: python -m scripts.sbom"


def test_it_lists_every_locked_package_the_image_installs(bom: Any) -> None:
    listed = {(each["name"], each["version"]) for each in bom["components"] if each["purl"].startswith("pkg:pypi/")}
    there = {(name, one) for lock in ("runtime.txt", "extras.txt") for name, (one,) in locked(lock).items()}
    of_other_systems = {"async-timeout", "colorama", "tzdata"}
    assert {each for each in there if each[0] not in of_other_systems} == listed


def test_each_component_has_origin_version_hash_and_licence(bom: Any) -> None:
    for each in [*bom["components"], *(part for whole in bom["components"] for part in whole.get("components", []))]:
        assert re.fullmatch(r"pkg:(pypi|npm)/[^@]+@" + re.escape(each["version"]), each["purl"])
        assert each["licenses"], each["name"]
        assert each["hashes"] or each["name"] == "lucide-static"  # drawings taken from it, not its files


def test_it_lists_vendored_scripts_and_fonts_and_the_served_htmx(bom: Any) -> None:
    names = {each["name"] for each in bom["components"] if each["purl"].startswith("pkg:npm/")}
    fonts = {"@fontsource-variable/inter", "@fontsource-variable/jetbrains-mono"}
    assert names == {"idiomorph", "lucide-static"} | fonts
    (django_htmx,) = [each for each in bom["components"] if each["name"] == "django-htmx"]
    (htmx,) = django_htmx["components"]
    assert htmx["purl"].startswith("pkg:npm/htmx.org@2.")


def test_every_dependency_is_listed(bom: Any) -> None:
    known = {each["bom-ref"] for each in bom["components"]} | {"product"}
    reached, left = set[str](), ["product"]
    needs = {each["ref"]: each["dependsOn"] for each in bom["dependencies"]}
    while left:
        reached.add(ref := left.pop())
        left += [each for each in needs.get(ref, []) if each not in reached]
    assert reached <= known
    assert {ref for ref in known if ref.startswith("pkg:pypi/")} <= reached


@pytest.mark.parametrize("lock", ["runtime.txt", "test.txt"])
@pytest.mark.parametrize("floor", FLOORS, ids=lambda floor: floor.name)
def test_no_locked_version_has_a_known_vulnerability(floor: Requirement, lock: str) -> None:
    versions = locked(lock)[floor.name]
    assert all(floor.specifier.contains(Version(version)) for version in versions)


def test_every_minimum_version_names_the_vulnerability_it_excludes() -> None:
    lines = [line for line in (REQUIREMENTS / "floors.txt").read_text().splitlines() if not line.startswith("#")]
    assert len(lines) == len(FLOORS) > 5
    assert all(re.search(r"# CVE-\d{4}-\d+", line) for line in lines)
