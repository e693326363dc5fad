"""The verified download of an attachment, or its verdict for htmx; and of all attachments as one zip."""

from uuid import UUID

from django.http import FileResponse, Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.http import content_disposition_header
from django.views.decorators.http import require_safe

from jobs import clock
from jobs.gobl.identity import of_document
from jobs.http import Request, wants_part
from jobs.invopop import file_names
from jobs.invopop.job_payload import Attachment, Job
from jobs.models import LookUp, Team
from jobs.teams.access import team_for
from jobs.upstream import attachments, bundles, snapshots
from jobs.upstream.attachment_hosts import may_fetch
from jobs.upstream.attachments import Fetched, NotFetched, Verdict
from jobs.views.opening import record

STATUSES = {"busy": 503, "no space": 507}  # of the error page; otherwise 502, because the file's server failed
PIECE = 65_536  # bytes of a file sent at a time


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


@require_safe
def everything(request: Request, slug: str, job_id: UUID) -> HttpResponseBase:
    """One zip of all downloadable files, streamed."""
    team = team_for(request, slug)
    job = _job(team, job_id)
    files = [each for each in job.attachments if may_fetch(each.url)] if job else []
    if job is None or not files:
        raise Http404
    try:
        bundle = bundles.Bundle(str(job_id), files)
    except NotFetched as error:
        context = {"team": team, "job_id": job_id, "verdict": error.why}
        return render(request, "jobs/job/file.html", context, status=STATUSES.get(error.why, 502))
    record(request, team, job_id, LookUp.What.FILE, "")
    return _zip(job_id, job, bundle)


def _attachment(team: Team, job_id: UUID, file_id: str) -> Attachment:
    job = _job(team, job_id)
    for attachment in job.attachments if job else ():
        if attachment.id == file_id:
            return attachment
    raise Http404


def _job(team: Team, job_id: UUID) -> Job | None:
    shown = snapshots.cached(team, job_id, clock.now())
    return shown.job if shown else None


def _zip(job_id: UUID, job: Job, bundle: bundles.Bundle) -> StreamingHttpResponse:
    name = file_names.harmless(of_document(job.envelope).number) or f"files-{job_id}"
    response = StreamingHttpResponse(bundle, content_type="application/zip")
    response.headers["Content-Disposition"] = content_disposition_header(True, f"{name}.zip") or "attachment"
    response.headers["Content-Encoding"] = "identity"  # streamed unchanged
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _verdict(request: Request, team: Team, job_id: UUID, attachment: Attachment, verdict: str) -> HttpResponse:
    context = {"team": team, "job_id": job_id, "file": attachment, "verdict": str(verdict)}
    template = "jobs/job/_file_verdict.html" if wants_part(request) else "jobs/job/file.html"
    return render(request, template, context, status=200 if wants_part(request) else STATUSES.get(verdict, 502))


def _file(job_id: UUID, attachment: Attachment, fetched: Fetched) -> FileResponse:
    response = FileResponse(
        fetched.content,
        as_attachment=True,
        filename=file_names.download_name(str(job_id), attachment),
        content_type="application/octet-stream",
    )
    response.block_size = PIECE
    response.headers["Content-Length"] = str(fetched.size)
    response.headers["Content-Encoding"] = "identity"  # the unchanged file with its length
    response.headers["X-File-Check"] = str(fetched.verdict)
    response.headers["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response
