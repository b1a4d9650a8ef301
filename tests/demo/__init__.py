"""`make demo`: a class of sample students, carried through nbgrader from release to feedback.

The students and their work are text in `tests/sample_class/`. What is run here is nbgrader itself: the instructor's
commands and those of one student are its console command, started by a fork of a process that has nbgrader loaded, since
loading takes seconds. The other students fetch and submit through the classes behind the same two commands, all in this
process. The grades are computed once, by `autograder grade` on two cores; `nbgrader autograde` then finds their records.
"""
