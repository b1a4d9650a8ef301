"""The untrusted side: everything that runs inside the sandboxed process.

Inside the worker this folder alone is on the path, so its modules import each other by bare name. The grader imports
`wire` from it, to speak the same language, and nothing else.
"""
