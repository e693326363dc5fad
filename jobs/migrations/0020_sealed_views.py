"""What people typed to save a view is sealed; the audit record knows of links in mails."""

import uuid
from typing import Any, ClassVar

from django.db import migrations, models

from jobs import encryption
from jobs.encryption import Secret


def seal(apps: Any, schema_editor: Any) -> None:
    """As `SavedView.put` does it."""
    for view in apps.get_model("jobs", "SavedView").objects.all():
        key = uuid.uuid4()
        sealed = encryption.seal(Secret(f"{view.name}\n{view.query}"), f"saved-view:{view.team_id}:{key}")
        same = apps.get_model("jobs", "SavedView").objects.filter(pk=view.pk)
        same.update(key=key, sealed=sealed)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("jobs", "0019_step_ids")]
    operations: ClassVar = [
        migrations.AddField("savedview", "key", models.UUIDField(default=uuid.uuid4, editable=False)),
        migrations.AddField("savedview", "sealed", models.TextField(default="", editable=False), preserve_default=False),
        migrations.AlterModelOptions("savedview", {}),
        migrations.RunPython(seal),
        migrations.RemoveField("savedview", "name"),
        migrations.RemoveField("savedview", "query"),
        migrations.AlterField("change", "what", models.CharField(choices=[('token_set', 'started using an API key'), ('token_not_set', 'tried an API key that was not accepted'), ('token_revoked', 'stopped using the API key'), ('member_set', 'added a person or changed a role'), ('member_removed', 'removed a person'), ('invited', 'invited'), ('withdrawn', 'withdrew an invitation'), ('accepted', 'accepted an invitation'), ('protection_set', 'changed the protection'), ('access_token_made', 'created an access token'), ('access_token_revoked', 'revoked an access token'), ('sweep_set', 'changed what is read in the background'), ('channel_made', 'added a channel'), ('channel_changed', 'changed a channel'), ('channel_removed', 'removed a channel'), ('unsubscribed', 'ended messages with the link in a mail'), ('rule_made', 'added a notification rule'), ('rule_removed', 'removed a notification rule'), ('webhook_set', 'created a webhook secret'), ('webhook_removed', 'removed the webhook secret'), ('note_written', 'wrote a note'), ('note_edited', 'edited a note'), ('note_deleted', 'deleted a note'), ('case_taken', 'took a case'), ('case_released', 'released a case'), ('case_handed', 'handed a case over'), ('case_state', 'changed the state of a case'), ('ticket_set', 'linked a ticket'), ('ticket_removed', 'removed a ticket link'), ('team_pinned', 'pinned a job for the team'), ('team_unpinned', 'unpinned a job of the team')], max_length=20)),
    ]
