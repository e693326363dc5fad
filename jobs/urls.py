"""The URLs of the jobs application. Bookmarks, scripts and deployments depend on them."""

from django.urls import path, register_converter
from django.urls.converters import StringConverter

from jobs.views import (
    access_tokens,
    attachments,
    audit,
    browser_integration,
    case,
    console_redirect,
    copying,
    envelope,
    events,
    failures,
    following,
    hooks,
    invitations,
    job,
    job_json,
    job_list,
    look_up,
    notifications,
    open_jobs,
    openapi,
    saved_views,
    settings,
    workflow,
    workspace_reading,
)


class FileId(StringConverter):
    """An attachment's upstream id: anything without a slash, of reasonable length."""

    regex = "[^/]{1,200}"


register_converter(FileId, "file_id")

app_name = "jobs"
JOB = "teams/<slug:slug>/jobs/<uuid:job_id>/"

urlpatterns = [
    path(JOB, job.job, name="job"),  # first, because most requests are polls
    path("", look_up.home, name="home"),
    path("help/", look_up.help_page, name="help"),
    path("api/openapi.json", openapi.description, name="openapi"),
    path("opensearch.xml", browser_integration.opensearch, name="opensearch"),
    path("manifest.webmanifest", browser_integration.manifest, name="manifest"),
    path("share/", browser_integration.share, name="share"),
    path("watch/", open_jobs.watch, name="watch"),
    path("jobs/<uuid:job_id>/", look_up.find, name="find"),
    path("teams/<slug:slug>/", look_up.team, name="team"),
    path("teams/<slug:slug>/jobs/", job_list.listing, name="list"),
    path("teams/<slug:slug>/jobs.json", job_list.as_json, name="list_json"),
    path("teams/<slug:slug>/jobs.csv", job_list.as_csv, name="list_csv"),
    path("teams/<slug:slug>/failures/", failures.failures, name="failures"),
    path("teams/<slug:slug>/failures/trends/", failures.trends, name="trends"),
    path("teams/<slug:slug>/failures/views/", saved_views.change, name="saved_views"),
    path("teams/<slug:slug>/failures.json", failures.as_json, name="failures_json"),
    path("teams/<slug:slug>/failures.csv", failures.as_csv, name="failures_csv"),
    path("teams/<slug:slug>/reading/", workspace_reading.reading, name="reading"),
    path("teams/<slug:slug>/reading/now/", workspace_reading.read_now, name="read_now"),
    path("teams/<slug:slug>/settings/", settings.settings, name="settings"),
    path("teams/<slug:slug>/settings/records.csv", workspace_reading.download, name="records_csv"),
    path("teams/<slug:slug>/settings/reading/", workspace_reading.switch, name="sweep"),
    path("teams/<slug:slug>/settings/token/", settings.token, name="token"),
    path("teams/<slug:slug>/settings/members/", settings.member, name="member"),
    path("teams/<slug:slug>/settings/protection/", settings.protect, name="protection"),
    path("teams/<slug:slug>/settings/invite/", invitations.invite, name="invite"),
    path("teams/<slug:slug>/settings/audit/", audit.entries, name="audit"),
    path("teams/<slug:slug>/settings/audit.csv", audit.download, name="audit_csv"),
    path("teams/<slug:slug>/settings/cases.csv", case.download, name="cases_csv"),
    path("invitations/<slug:secret>/", invitations.accept, name="invitation"),
    path("teams/<slug:slug>/settings/webhook/", hooks.secret, name="webhook"),
    path("teams/<slug:slug>/notifications/", notifications.overview, name="notifications"),
    path("teams/<slug:slug>/notifications/channel/", notifications.channel, name="channel"),
    path("teams/<slug:slug>/notifications/change/", notifications.change, name="channel_change"),
    path("teams/<slug:slug>/notifications/rule/", notifications.rule, name="rule"),
    path("teams/<slug:slug>/notifications/mails/", notifications.own_mails, name="own_mails"),
    path("unsubscribe/<str:secret>/", notifications.unsubscribe, name="unsubscribe"),
    path("teams/<slug:slug>/settings/access-tokens/", access_tokens.access_token, name="access_token"),
    path("hooks/<slug:slug>/", hooks.hook, name="hook"),
    path(JOB + "status.json", job_json.status, name="status"),
    path(JOB + "job.json", job_json.body, name="body"),
    path(JOB + "refresh/", job.refresh, name="refresh"),
    path(JOB + "pin/", open_jobs.pin, name="pin"),
    path(JOB + "case/", case.case, name="case"),
    path(JOB + "case/note/", case.note, name="case_note"),
    path(JOB + "case/holder/", case.holder, name="case_holder"),
    path(JOB + "case/state/", case.state, name="case_state"),
    path(JOB + "case/ticket/", case.ticket, name="case_ticket"),
    path(JOB + "case/pin/", case.pin, name="case_pin"),
    path(JOB + "follow/", following.follow, name="follow"),
    path(JOB + "workflow/", workflow.workflow, name="workflow"),
    path(JOB + "copy/", copying.copy, name="copy"),
    path(JOB + "console/", console_redirect.entry, name="console"),
    path(JOB + "runs/", job_list.runs, name="runs"),
    path(JOB + "events/", events.events, name="events"),
    path(JOB + "envelope/", envelope.viewer, name="envelope"),
    path(JOB + "envelope/compare/", envelope.compare, name="compare"),
    path(JOB + "envelope.json", envelope.download, name="envelope_download"),
    path(JOB + "attachments.zip", attachments.everything, name="attachments"),
    path(JOB + "attachments/<file_id:file_id>/", attachments.download, name="attachment"),
]
