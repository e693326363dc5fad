"""The OpenAPI description of the interface for scripts."""

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, JsonResponse
from django.views.decorators.http import require_safe

from jobs.presenters import openapi


@login_not_required
@require_safe
def description(request: HttpRequest) -> JsonResponse:
    return JsonResponse(openapi.document(settings.PUBLIC_ORIGIN, settings.VERSION))
