"""What `autograder grade` shows in a terminal, or writes where its output is piped."""
