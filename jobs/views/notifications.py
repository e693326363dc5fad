"""Channels of a team, for its managers; and the unsubscribe link."""

import json

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.core import signing
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jobs import clock
from jobs.background import heartbeat
from jobs.forms.notifications import ChannelChangeForm, ChannelForm, RuleForm
from jobs.http import Request, row_number
from jobs.lookup import rate_limit
from jobs.models import Change, Channel, Follow, Membership, Team
from jobs.notifications import channels, formats, mail, outbox, rules, sending, wording
from jobs.teams import audit
from jobs.teams.access import managed_team_for
from jobs.views.confirmation import Question, ask, is_confirmed
from jobs.views.reauthentication import reauthenticated_manager_required


@require_safe
def overview(request: Request, slug: str) -> HttpResponse:
    return _page(request, managed_team_for(request, slug))


@require_POST
@sensitive_post_parameters()
@sensitive_variables()
@reauthenticated_manager_required
def channel(request: Request, team: Team) -> HttpResponseBase:
    """Adds a channel. A webhook's signing secret is shown once."""
    form, now = ChannelForm(request.POST), clock.now()
    if not form.is_valid():
        return _page(request, team, form=form)
    given = form.cleaned_data
    try:
        made = channels.make(team, given["kind"], given["name"], given["address"], given["language"], request.user, now)
    except ValidationError as error:
        form.add_error("address", error)
        return _page(request, team, form=form)
    audit.note(request, team, Change.What.CHANNEL_MADE, f"{made.name}: {made.get_kind_display()}, {made.host}", now)
    if made.sealed_secret:
        return render(
            request, "teams/channel.html", {"team": team, "name": made.name, "secret": made.secret().reveal()}
        )
    messages.success(request, _("Added. Send a test to see that messages arrive."))
    return redirect("jobs:notifications", team.slug)


@require_POST
@reauthenticated_manager_required
def change(request: Request, team: Team) -> HttpResponseBase:
    """Saves a channel's settings; or, by button, tests, restarts or removes it."""
    if not request.POST.get("channel"):
        return redirect("jobs:notifications", team.slug)
    found = _channel(team, request.POST["channel"])
    match request.POST.get("do", ""):
        case "test":
            _test(request, found)
        case "start":
            channels.start_again(found)
            audit.note(request, team, Change.What.CHANNEL_CHANGED, found.name, clock.now())
        case "remove":
            if not is_confirmed(request):
                return _ask_to_remove(request, team, found)
            found.delete()
            audit.note(request, team, Change.What.CHANNEL_REMOVED, found.name, clock.now())
        case _:
            form = ChannelChangeForm(request.POST, instance=found)
            if not form.is_valid():
                return _page(request, team, changed=form)
            form.save()
            audit.note(request, team, Change.What.CHANNEL_CHANGED, found.name, clock.now())
            messages.success(request, _("Saved."))
    return redirect("jobs:notifications", team.slug)


@require_POST
@reauthenticated_manager_required
def rule(request: Request, team: Team) -> HttpResponseBase:
    """Adds a rule; with `remove`, removes one."""
    now = clock.now()
    if "remove" in request.POST:
        if gone := rules.remove(team, row_number(request.POST["remove"]) or 0):
            audit.note(request, team, Change.What.RULE_REMOVED, f"{gone.channel}: {gone}", now)
        return redirect("jobs:notifications", team.slug)
    form = RuleForm(request.POST, team=team, channels=channels.at_work(team))
    if not form.is_valid():
        messages.error(request, _("Choose a channel, and what it is notified of."))
        return redirect("jobs:notifications", team.slug)
    found = _channel(team, form.cleaned_data["channel"])
    what, _colon, value = form.cleaned_data["failures"].partition(":")
    if rules.make(found, what, value, form.label(), request.user, now):
        audit.note(request, team, Change.What.RULE_MADE, f"{found}: {what} {form.label()}", now)
        messages.success(request, _("The rule is on: it applies to failures from now on."))
    else:
        messages.error(request, _("The team has too many rules. Remove one first."))
    return redirect("jobs:notifications", team.slug)


@require_POST
def own_mails(request: Request, slug: str) -> HttpResponse:
    """Saves whether this manager gets a mail when a channel stops. A link in such a mail also turns it off."""
    team = managed_team_for(request, slug)
    Membership.objects.filter(team=team, user=request.user).update(hears_of_channels=request.POST.get("on") == "1")
    messages.success(request, _("Saved."))
    return redirect("jobs:notifications", team.slug)


@csrf_exempt  # [RFC 8058] the mail program sends it, with no cookie; the link itself is the proof
@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, secret: str) -> HttpResponse:
    """Asks first if a person follows the link: mail scanners follow links too."""
    try:
        about = mail.unsigned(secret)
    except signing.SignatureExpired:
        return render(request, "notifications/unsubscribe.html", {"is_expired": True}, status=410)
    except signing.BadSignature:
        raise Http404 from None
    is_done, now = request.method == "POST", clock.now()
    if is_done and (ended := mail.end(about, now)):
        audit.note(request, ended.team, Change.What.UNSUBSCRIBED, _about(ended), now)
        if isinstance(ended, Channel):  # one reader of the mailbox has unsubscribed it for all
            outbox.notify_managers(ended, wording.UNSUBSCRIBED, now)
    return render(request, "notifications/unsubscribe.html", {"is_done": is_done, "what": next(iter(about), "")})


def _about(ended: Channel | Follow | Membership) -> str:
    """What a link has ended, for the audit record."""
    match ended:
        case Channel():
            return ended.name
        case Follow():
            return f"{ended.user or ''}: {ended.job_id}"
        case Membership():
            return f"{ended.user}: mails about channels that stop"


def _test(request: Request, found: Channel) -> None:
    try:
        rate_limit.spend_on_test(found.team)  # the address may be anybody's
    except rate_limit.TooMany:
        messages.error(request, _("There were too many attempts in a short time. Wait a moment, then try again."))
        return
    now = clock.now()
    notification = wording.test(found.team, found.language, now)
    written = outbox.write(
        notification, f"test:{found.pk}:{now.isoformat()}", found.team, now, channel=found, due_at=now
    )
    sent = outbox.send_now(written) if written else None
    if sent and sent.sent_at:
        messages.success(request, _("The test was sent to %(name)s.") % {"name": found.name})
    else:
        why = {"name": found.name, "reason": sent.reason if sent else "?"}
        messages.error(request, _("The test did not reach %(name)s: %(reason)s.") % why)


def _ask_to_remove(request: Request, team: Team, found: Channel) -> HttpResponse:
    question = Question(
        _("Remove this channel?"),
        _("Its rules end, and nobody is notified there any more. Its address is deleted; you need it to add it again."),
        _("Remove the channel"),
        {"channel": str(found.key), "do": "remove"},
        about=f"{found.name} · {found.host}",
        back="jobs:notifications",
    )
    return ask(request, team, question)


def _channel(team: Team, key: str) -> Channel:
    try:
        return Channel.objects.select_related("team").get(team=team, key=key)
    except (Channel.DoesNotExist, ValidationError, ValueError):
        raise Http404 from None


def _page(
    request: Request, team: Team, form: ChannelForm | None = None, changed: ChannelChangeForm | None = None
) -> HttpResponse:
    """`form`, `changed`: forms with errors."""
    found = channels.of_team(team)
    rows = [
        {
            "channel": each,
            "form": changed if changed and changed.instance.pk == each.pk else ChannelChangeForm(instance=each),
            "preview": _preview(team, each),
        }
        for each in found
    ]
    context = {
        "team": team,
        "rows": rows,
        "form": form or ChannelForm(initial={"language": request.LANGUAGE_CODE}),
        "rules": [rule for each in found for rule in each.rules.all()],
        "rule_form": RuleForm(team=team, channels=found, chosen=request.GET.get("failures", "")),
        "is_worker_heard": heartbeat.is_heard(clock.now()),
        "given_up": outbox.given_up(team),
        "sends_mail": bool(settings.MAIL),
        "own_address": sending.verified_address(request.user),
        "hears_of_channels": team.membership is not None and team.membership.hears_of_channels,
    }
    return render(request, "teams/notifications.html", context)


def _preview(team: Team, each: Channel) -> str:
    """An exact message about an invented job."""
    notification = wording.example(team, each.language, whole=each.with_document)
    if each.kind == Channel.Kind.MAIL:
        sent = mail.made("support@example.com", notification, each.key, "")
        return _("Subject: %(text)s") % {"text": sent.subject} + f"\n\n{sent.body}"
    packed = formats.packed(each.kind, notification, "msg_…", clock.now())
    return json.dumps(json.loads(packed.body), ensure_ascii=False, indent=2)
