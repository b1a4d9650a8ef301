"""The instructor's report: one HTML page on a class, from its results and, for similar code, from what was handed in."""
