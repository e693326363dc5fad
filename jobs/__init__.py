"""The application: Invopop jobs for support staff."""

__version__ = "1.9.0"  # read by pyproject.toml, the settings and the User-Agent
