"""Notifications about jobs for people and channels: which events, for whom, in the wording of the page.

Messages are stored in the transaction of the copy with the event, and retried until they are delivered.
"""
