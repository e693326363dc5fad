"""The location of files in a source tree."""

from pathlib import Path

from dashboard import paths

ROOT = Path(__file__).resolve().parents[2]


def test_in_a_source_tree_data_lies_beside_the_code() -> None:
    assert paths.IS_SOURCE_TREE
    assert paths.DATA == paths.HOME == ROOT


def test_files_the_product_needs_exist() -> None:
    for name in ("templates", "static", "locale", "gunicorn.conf.py"):
        assert (paths.DATA / name).exists(), name
