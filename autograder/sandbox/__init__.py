"""The trusted side of the wall: starts workers, talks to them, believes nothing."""
