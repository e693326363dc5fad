"""Failures of a workspace: records grouped by cause over a time range."""
