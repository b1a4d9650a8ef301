"""The commands: one module each, whose name is the command's.

Each has `add_arguments(parser)` and `run(course, options) -> int`, the exit code; its docstring's first line is the help,
its `EPILOG` examples and exit codes. One with `ANYWHERE = True` also runs where there is no course: `course` is then None.
"""
