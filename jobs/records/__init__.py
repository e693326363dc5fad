"""What is kept of jobs for the team that asks "what failed today, and why": written whenever a copy is stored."""
