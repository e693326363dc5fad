"""What people hand on of a job: to a ticket, to Invopop's support, to the customer. Each in the words of the page."""

from jobs.presenters.copied.customer import Letter, letter
from jobs.presenters.copied.facts import Facts, facts
from jobs.presenters.copied.notes import with_notes
from jobs.presenters.copied.support import support
from jobs.presenters.copied.ticket import markdown, ticket

__all__ = ["Facts", "Letter", "facts", "letter", "markdown", "support", "ticket", "with_notes"]
