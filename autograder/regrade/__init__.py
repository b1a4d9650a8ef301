"""Regrade requests: what students ask to be looked at again, what is known of it, and what was decided."""
