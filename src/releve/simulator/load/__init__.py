"""Load: thousands of connections from one process, without a task for each."""

from releve.simulator.load.report import Report
from releve.simulator.load.run import LoadPlan, run_load

__all__ = ["LoadPlan", "Report", "run_load"]
