"""Every address, in one place: people, operators, health, and the jobs application."""

from allauth.account.decorators import secure_admin_login
from django.conf import settings
from django.contrib import admin
from django.urls import include, path

from dashboard import accounts, health, metrics
from jobs.views.styleguide import styleguide

# allauth limits attempts and asks for the second factor; the admin's own login does neither.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/", include("allauth.urls")),
    path("admin/", admin.site.urls),
    path("", include("jobs.urls")),
]
if not settings.MAIL and not settings.SOCIALACCOUNT_ONLY:
    urlpatterns.insert(0, path("accounts/password/reset/", accounts.without_mail, name="without_mail"))
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = "dashboard.errors.bad_request"
handler403 = "dashboard.errors.permission_denied"
handler404 = "dashboard.errors.not_found"
handler500 = "dashboard.errors.server_error"
handler429 = "dashboard.errors.too_many_attempts"  # allauth looks for it
