from django.apps import AppConfig


class DashboardConfig(AppConfig):
    name = "dashboard"

    def ready(self) -> None:
        from dashboard import checks  # noqa: F401, PLC0415 (they register themselves)
        from dashboard.accounts import identity, sessions  # noqa: F401, PLC0415 (they register themselves)
