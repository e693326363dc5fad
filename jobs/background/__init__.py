"""Work done by `manage.py worker`.

When it is due, how often it failed and who is at it stands in our own rows (`models.background`). Django Tasks carries
the number of a row from the tick that finds it due to a thread that does it; a task that is lost costs a minute.
"""
