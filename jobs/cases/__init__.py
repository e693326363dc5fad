"""Cases: notes, holder, state, ticket and the team's pin of a job.

Every change is decided by the database: it is made on the case as the person saw it, or told to have come too late.
"""
