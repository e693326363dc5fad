"""Failures of a workspace: records in a time range, grouped by cause."""
