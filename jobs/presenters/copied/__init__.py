"""Texts to copy: for a ticket, Invopop's support, or the customer. In the page's words."""

from jobs.presenters.copied.customer import Letter, letter
from jobs.presenters.copied.facts import Facts, facts
from jobs.presenters.copied.notes import with_notes
from jobs.presenters.copied.support import support
from jobs.presenters.copied.ticket import markdown, ticket

__all__ = ["Facts", "Letter", "facts", "letter", "markdown", "support", "ticket", "with_notes"]
