"""Work done by `manage.py worker`.

Our own rows (`models.background`) store when work is due, how often it failed, and its lease. Django Tasks only carries
the id of a row from the tick that finds it due to a thread that runs it; a lost task costs a minute.
"""
