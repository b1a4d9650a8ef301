"""What a student reads after grading: one section an exercise, pictures of their own code, a page of its own."""
