"""The engine of the course kit; see docs/architecture.md."""
