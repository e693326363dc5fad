"""The jobs application's addresses; bookmarks, scripts and deployments rely on them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from jobs.views import (
    attachments,
    audit,
    console,
    envelope,
    events,
    hooks,
    invitations,
    job,
    look_up,
    settings,
    workflow,
)


class FileId(StringConverter):
    """An attachment's id as upstream gave it: anything without a slash, of a sane length."""

    regex = "[^/]{1,200}"


register_converter(FileId, "file_id")

app_name = "jobs"
JOB = "teams/<slug:slug>/jobs/<uuid:job_id>/"

urlpatterns = [
    path("", look_up.home, name="home"),
    path("help/", look_up.help_page, name="help"),
    path("watch/", look_up.watch, name="watch"),
    path("jobs/<uuid:job_id>/", look_up.find, name="find"),
    path("teams/<slug:slug>/", look_up.team, name="team"),
    path("teams/<slug:slug>/jobs/", look_up.listing, name="list"),
    path("teams/<slug:slug>/settings/", settings.settings, name="settings"),
    path("teams/<slug:slug>/settings/token/", settings.token, name="token"),
    path("teams/<slug:slug>/settings/members/", settings.member, name="member"),
    path("teams/<slug:slug>/settings/protection/", settings.protect, name="protection"),
    path("teams/<slug:slug>/settings/invite/", invitations.invite, name="invite"),
    path("teams/<slug:slug>/settings/audit/", audit.entries, name="audit"),
    path("teams/<slug:slug>/settings/audit.csv", audit.download, name="audit_csv"),
    path("invitations/<slug:secret>/", invitations.accept, name="invitation"),
    path("teams/<slug:slug>/settings/webhook/", hooks.secret, name="webhook"),
    path("hooks/<slug:slug>/", hooks.hook, name="hook"),
    path(JOB, job.job, name="job"),
    path(JOB + "status.json", job.status, name="status"),
    path(JOB + "job.json", job.body, name="body"),
    path(JOB + "refresh/", job.refresh, name="refresh"),
    path(JOB + "pin/", look_up.pin, name="pin"),
    path(JOB + "workflow/", workflow.workflow, name="workflow"),
    path(JOB + "console/", console.entry, name="console"),
    path(JOB + "runs/", look_up.runs, name="runs"),
    path(JOB + "events/", events.events, name="events"),
    path(JOB + "envelope/", envelope.viewer, name="envelope"),
    path(JOB + "envelope/compare/", envelope.compare, name="compare"),
    path(JOB + "envelope.json", envelope.download, name="envelope_download"),
    path(JOB + "attachments/<file_id:file_id>/", attachments.download, name="attachment"),
]
