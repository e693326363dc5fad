"""`make bench`: the cost of operations, as ratios within a run, written to docs/performance.md."""
