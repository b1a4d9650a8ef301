"""What CI must know of the course."""
