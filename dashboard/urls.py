"""All URLs: people, operators, health, and the jobs application."""

from allauth.account.decorators import secure_admin_login
from allauth.decorators import rate_limit
from django.conf import settings
from django.contrib import admin
from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.generic import RedirectView
from django.views.i18n import set_language

from dashboard import sent_mail
from dashboard.accounts import adapters, openid_connect
from dashboard.observability import health
from jobs.views.style_guide import styleguide

# Unlike the admin's own login, allauth limits attempts and asks for the second factor.
admin.autodiscover()
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]

# Anybody may call these, and each causes a request to the provider.
start_sign_on = rate_limit(action="single_sign_on")
end_sign_on = rate_limit(action="single_sign_on", limit_get=True)

urlpatterns = [
    path("language/", login_not_required(set_language), name="language"),  # redirects to the Referer
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
    path("accounts/sessions/", adapters.sessions, name="usersessions_list"),
    path("accounts/session/", adapters.prolong, name="prolong"),
    path("accounts/oidc/<slug:provider_id>/login/", start_sign_on(openid_connect.login), name="openid_connect_login"),
    path(
        "accounts/oidc/<slug:provider_id>/login/callback/",
        end_sign_on(openid_connect.callback),
        name="openid_connect_callback",
    ),
    path(
        "accounts/oidc/<slug:provider_id>/signed-out/",
        end_sign_on(openid_connect.signed_out),
        name="openid_connect_signed_out",
    ),
    path("accounts/oidc/<path:rest>", openid_connect.nowhere),  # allauth would ask the database for any name
    path("accounts/", include("allauth.urls")),
    path("admin/password_change/", RedirectView.as_view(pattern_name="account_change_password")),
    path("admin/", admin.site.urls),
    path("", include("jobs.urls")),
]
if not settings.MAIL and not settings.SOCIALACCOUNT_ONLY:
    urlpatterns.insert(0, path("accounts/password/reset/", adapters.without_mail, name="without_mail"))
if settings.MAIL.get("EMAIL_FILE_PATH"):
    urlpatterns.append(path("sent-mail/", sent_mail.sent_mail, name="sent_mail"))
if settings.DEBUG:
    urlpatterns.append(path("styleguide/", styleguide, name="styleguide"))

handler400 = "dashboard.errors.bad_request"
handler403 = "dashboard.errors.permission_denied"
handler404 = "dashboard.errors.not_found"
handler500 = "dashboard.errors.server_error"
handler429 = "dashboard.errors.too_many_attempts"  # used by allauth
