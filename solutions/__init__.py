"""The reference solutions, one module per assignment: the source of every signature and docstring of the course."""
