"""From a handout and a reference to what the student receives: notebook, module, visible checks."""


class AuthoringError(Exception):
    """Says which line of which file cannot be built, why, and what to change."""
