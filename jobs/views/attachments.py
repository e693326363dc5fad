"""The verified download of one attachment: the file itself, or for htmx the verdict alone."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from jobs import attachments, snapshots
from jobs.access import team_for
from jobs.attachments import Fetched, NotFetched, Verdict
from jobs.http import Request, wants_part
from jobs.invopop import files
from jobs.invopop.payload import Attachment
from jobs.models import LookUp, Team
from jobs.views.record import record


@require_safe
def download(request: Request, slug: str, job_id: UUID, file_id: str) -> HttpResponseBase:
    team = team_for(request, slug)
    attachment = _attachment(team, job_id, file_id)
    try:
        fetched = attachments.fetch(attachment)
    except NotFetched as error:
        return _verdict(request, team, job_id, attachment, error.why)
    record(request, team, job_id, LookUp.What.FILE, "")
    if wants_part(request) or (fetched.verdict == Verdict.DIFFERS and "anyway" not in request.GET):
        fetched.content.close()
        return _verdict(request, team, job_id, attachment, fetched.verdict)
    return _file(job_id, attachment, fetched)


def _attachment(team: Team, job_id: UUID, file_id: str) -> Attachment:
    shown = snapshots.known(team, job_id, timezone.now())
    job = shown.job if shown else None
    for attachment in job.attachments if job else ():
        if attachment.id == file_id:
            return attachment
    raise Http404


def _verdict(request: Request, team: Team, job_id: UUID, attachment: Attachment, verdict: str) -> HttpResponse:
    context = {"team": team, "job_id": job_id, "file": attachment, "verdict": str(verdict)}
    template = "jobs/_verdict.html" if wants_part(request) else "jobs/file.html"
    return render(request, template, context, status=200 if wants_part(request) else 502)


def _file(job_id: UUID, attachment: Attachment, fetched: Fetched) -> FileResponse:
    response = FileResponse(
        fetched.content,
        as_attachment=True,
        filename=files.download_name(str(job_id), attachment),
        content_type="application/octet-stream",
    )
    response.headers["Content-Length"] = str(fetched.size)
    response.headers["Content-Encoding"] = "identity"  # the file as it is, with its true length
    response.headers["X-File-Check"] = str(fetched.verdict)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
