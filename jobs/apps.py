from django.apps import AppConfig


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        from jobs.cases import receivers  # noqa: PLC0415 (the models have to be there)
        from jobs.cases.change_signal import changed  # noqa: PLC0415
        from jobs.notifications import about_jobs, about_notes  # noqa: PLC0415
        from jobs.records import writing  # noqa: PLC0415
        from jobs.upstream.store import job_stored  # noqa: PLC0415

        # Receivers of stored copies, in this order.
        job_stored.connect(writing.write, dispatch_uid="records")
        job_stored.connect(receivers.follow, dispatch_uid="cases")
        job_stored.connect(about_jobs.on_job_stored, dispatch_uid="notifications")
        changed.connect(about_notes.on_case_changed, dispatch_uid="notifications")
