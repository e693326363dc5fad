"""Telling people and channels what became of jobs, with every page closed: what is news, to whom, worded as on the
page, written down with the copy that brought it, and sent until it has arrived."""
