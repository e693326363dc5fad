from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        from dashboard import checks, sessions  # noqa: F401, PLC0415 (they register themselves)
