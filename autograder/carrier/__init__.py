"""nbgrader as the carrier: what stands between its unchanged commands and the grader."""
