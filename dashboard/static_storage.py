"""Keeps static files of several versions: each version has its own manifest, named by a digest of its files.

A version that starts before its files were collected reports it and does not serve. A rollback needs no action, because
the manifest and files of the previous version still exist.
"""

import hashlib
import importlib.metadata
from functools import cache

from django.contrib.staticfiles.apps import StaticFilesConfig
from whitenoise.storage import CompressedManifestStaticFilesStorage

from dashboard import paths
from jobs import __version__

PACKAGES = ("django", "django-allauth", "django-htmx")  # packages with static files


class StaticFiles(StaticFilesConfig):
    """Excludes the htmx versions and extensions that no page loads, half of what would be compressed."""

    ignore_patterns = [*StaticFilesConfig.ignore_patterns, "ext", "htmx-4*", "htmax-4*", "htmx-2.js"]


@cache
def release() -> str:
    """The version of the static files, which changes whenever one may change."""
    digest = hashlib.sha256(__version__.encode())
    for package in PACKAGES:
        digest.update(f"\n{package} {importlib.metadata.version(package)}".encode())
    folder = paths.DATA / "static"
    for path in sorted(path for path in folder.rglob("*") if path.is_file()):
        digest.update(f"\n{path.relative_to(folder).as_posix()} ".encode() + hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()[:16]


class Storage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    @property
    def manifest_name(self) -> str:
        return f"staticfiles-{release()}.json"

    def is_collected(self) -> bool:
        """Whether the folder has this version's files now."""
        return bool(self.hashed_files) and self.manifest_storage.exists(self.manifest_name)

    def stored_name(self, name: str) -> str:
        """A file missing in the manifest keeps its name: the page works without it."""
        try:
            return str(super().stored_name(name))
        except ValueError:
            return name
