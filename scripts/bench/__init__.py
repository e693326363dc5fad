"""`make bench`: what things cost, as ratios in one run, written to docs/performance.md."""
