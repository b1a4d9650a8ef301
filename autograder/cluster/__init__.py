"""Grading on a Dask cluster that the user has started: submissions go to its workers, results come back and are recorded here."""


class ClusterError(Exception):
    """The cluster cannot be used, or was lost; what has been recorded stays, and the message says what to do."""
