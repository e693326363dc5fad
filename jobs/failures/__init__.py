"""What failed in a workspace, and why: records grouped by cause, over a range of time."""
