"""Cases: notes, holder, state, ticket and the team's pin of a job.

The database decides every change: it applies to the case as the person saw it, or is rejected as too late.
"""
