"""The location of files: beside the code in a source tree, inside the package once installed."""

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent
IS_SOURCE_TREE = (_PACKAGE.parent / "manage.py").is_file()
DATA = _PACKAGE.parent if IS_SOURCE_TREE else _PACKAGE / "data"  # templates, static files, translations
HOME = _PACKAGE.parent if IS_SOURCE_TREE else Path.cwd()  # the default for files created at run time
