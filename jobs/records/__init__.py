"""Records: what is kept of jobs to answer "what failed today, and why", written with each stored copy."""
