"""Records: job data kept after copies expire, which answers what failed and why. Written with each stored copy."""
