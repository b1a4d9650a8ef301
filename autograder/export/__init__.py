"""Grades and assignments for the systems around: tables, Canvas, Moodle, Gradescope, GitHub Classroom."""
