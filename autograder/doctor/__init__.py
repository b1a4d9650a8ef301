"""What `autograder doctor` looks at: what is installed, whether the sandbox holds, devices, the course."""
