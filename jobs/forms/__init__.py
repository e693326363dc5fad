"""The forms of the jobs application."""
