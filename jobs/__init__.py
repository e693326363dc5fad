"""The application: jobs of Invopop for those who help customers."""

__version__ = "1.5.0"  # the one place: pyproject.toml, the settings and the User-Agent read it
