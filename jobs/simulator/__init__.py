"""A simulated Transform API: scripted jobs that move with the clock, over real HTTP. Standard library only."""

from jobs.simulator.demo import demo_jobs
from jobs.simulator.scenarios import Expect, Scenario, scenarios
from jobs.simulator.server import Simulator
from jobs.simulator.story import body, body_at

__all__ = ["Expect", "Scenario", "Simulator", "body", "body_at", "demo_jobs", "scenarios"]
