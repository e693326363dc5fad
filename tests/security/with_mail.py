"""The URLs of an installation with a mail server."""

from dashboard.urls import *  # noqa: F403
from dashboard.urls import urlpatterns

urlpatterns = [pattern for pattern in urlpatterns if getattr(pattern, "name", "") != "without_mail"]
