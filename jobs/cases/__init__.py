"""What people add to a job: notes, who has it, its state, a ticket's address, the team's pin.

Every change is decided by the database: it is made on the case as the person saw it, or told to have come too late.
"""
