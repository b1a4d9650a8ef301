"""Feedback: hidden inputs, control characters and markup that student code tries to carry into what is shown."""

from corpus.attack import Attack, MustNot, Without

# `seen` is a text and `large` a number that stand for an input; neither is in the source as it is.
SEEN, LARGE = "LEAKED", "987654"
WORDING = "the grader words what is shown"
TYPED = "typed replies"
_HEAD = "seen, large = 'LEA' + 'KED', 987_000 + 654\n"


def _tells(does: str, status: str = "failed", without: Without | None = Without.WORDING, word: str = SEEN) -> Attack:
    return Attack(_HEAD + does, MustNot.TOLD, WORDING, without, word, status, speaks=True)


EXCEPTIONS = {
    "tells by the text of an exception": _tells("raise ValueError(f'factor {seen}')"),
    "tells by the text of an exception that says what is missing": _tells("raise AttributeError(f'module {seen}')"),
    "tells by the text of what is not written": _tells("raise NotImplementedError(seen)", "missing"),
    "tells by the name of an exception": _tells("raise type(seen, (ValueError,), {})()"),
    "tells by the name of an exception that is no Exception": _tells("raise type(seen, (BaseException,), {})()"),
    "tells by a note on an exception": _tells("error = ValueError(); error.add_note(seen); raise error", without=None),
    "tells by the cause of an exception": _tells("raise ValueError() from KeyError(seen)", without=None),
    "tells by the name of a function on the stack": _tells(
        "space = {}\nexec(f'def {seen}(): raise ValueError', space)\nspace[seen]()", without=None
    ),
    "tells by the name of a file on the stack": _tells("exec(compile('raise ValueError', seen, 'exec'))", without=None),
    "tells by the number of a line on the stack": _tells(
        "exec(compile('\\n' * (large - 1) + 'raise ValueError', 'h1_range', 'exec'))", word=LARGE
    ),
    "tells by a line that it puts into the cache of lines": _tells(
        "import linecache\nlinecache.cache['h1_range'] = (9, None, [seen] * 999, 'h1_range')\nraise ValueError",
        without=None,
    ),
    "tells by a syntax error": _tells("compile(f'{seen} =', seen, 'exec')"),
    "tells by a name with markup": _tells("raise type(f'<b>{seen}</b>\\x1b[31m', (ValueError,), {})()"),
    "tells by a group of exceptions": _tells("raise ExceptionGroup(seen, [ValueError(seen)])"),
    "tells by what it raises where its exception is shown": _tells(
        "raise type('E', (ValueError,), {'__str__': lambda self: 1 / 0 if not seen else seen})()"
    ),
}
VALUES = {
    "tells by the name of a type": _tells("return type(seen, (), {})()"),
    "tells by a text": _tells("return seen"),
    "tells by the keys of a dict": _tells("return {seen: seen}"),
    "tells by a shape": _tells("return torch.empty(0, large)", without=None),
    "tells by the length of a list": _tells("return [None] * (large // 100)", without=None),
    "tells by a number": _tells("return large", without=None),
    "tells by what it prints": _tells(
        "print(seen, flush=True); sys.stderr.write(seen); os.write(1, seen.encode())", "passed", None
    ),
    "tells by a warning": _tells("warnings.warn(seen)", "passed", None),
    "tells by its name in the list of processes": _tells(
        "ctypes.CDLL(None).prctl(15, seen.encode(), 0, 0, 0)", "passed", None
    ),
}
REPLIES = {
    "tells by the tag of a value": _tells(
        "raw(wire.pack(wire.Reply(number(), wire.Returned(wire.Whole('1'))))[8:].replace(b'whole', b'LEAKE'))", "crashed", None
    ),
    "tells by the tag of an outcome": _tells(
        "raw(wire.pack(wire.Reply(number(), wire.Returned(None)))[8:].replace(b'returned', b'LEAKEDxx'))", "crashed"
    ),
    "tells by a dtype": _tells("array([3], dtype=seen)", "crashed"),
    "tells by an impossible shape": _tells("array([-large])", "crashed", None),
    "tells by digits": _tells("answer(wire.Whole(seen))", "crashed"),
    "tells by the number of a reply": _tells("send(wire.Reply(large, wire.Returned(None))); os._exit(0)", "crashed", None),
    "tells by the size of a reply": _tells("wire.write_all(3, struct.pack('<Q', large * 10**6)); os._exit(0)", "crashed", None),
    "tells by notes": _tells("send(wire.Reply(number(), wire.Returned(None), [], [seen])); os._exit(0)"),
    "tells by the names of built-ins": _tells(
        "send(wire.Reply(number(), wire.Returned(None), [(seen, seen)])); os._exit(0)"
    ),
    "tells by the base of an exception": _tells(
        "send(wire.Reply(number(), wire.Raised(seen, [seen, 'ValueError'], seen))); os._exit(0)"
    ),
    "tells by a base that is no exception": _tells(
        "send(wire.Reply(number(), wire.Raised('x', ['print', seen], ''))); os._exit(0)"
    ),
    "tells by the place of an exception": _tells(
        "send(wire.Reply(number(), wire.Raised('x', ['KeyError'], '', seen, seen))); os._exit(0)"
    ),
    "tells by the line of an exception": _tells(
        "send(wire.Reply(number(), wire.Raised('x', ['KeyError'], '', f'line {large}', seen))); os._exit(0)"
    ),
    "tells by the cell of an exception": _tells(
        "send(wire.Reply(number(), wire.Raised('x', ['KeyError'], '', f'line 1 of code cell {large}', seen))); os._exit(0)"
    ),
}  # fmt: skip
TELLING = EXCEPTIONS | VALUES | REPLIES
