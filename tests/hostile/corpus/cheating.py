"""Cheating: patches of torch, builtins and pytest, lying values, skips and exits, stack inspection, answers by heart."""

from corpus.attack import Attack, MustNot, Without

COMPARED = "compared by the grader, on plain data"
NO_CALLER = "neither the checks nor the reference are in its process"
COMPUTED = "a check counts only where the grader has compared"
SEEDED = "inputs drawn by the grader, from one of 16 secret seeds an assignment"


def _lie(
    does: str, stopped_by: str = COMPARED, without: Without | None = Without.ONE_PROCESS, **more: str | bool
) -> Attack:
    return Attack(does, MustNot.SCORED, stopped_by, without, **more)  # type: ignore[arg-type]


PATCHES = {
    "patches torch's comparisons": _lie(
        "return x", beside="torch.equal = torch.allclose = torch.isclose = torch.Tensor.__eq__ = lambda *a, **k: True"
    ),
    "patches the arithmetic that the reference uses": _lie(
        "return x", NO_CALLER, beside="torch.Tensor.__mul__ = lambda a, b: a"
    ),
    "patches torch's own operator": _lie(
        "return x", NO_CALLER,
        beside="torch._lib = torch.library.Library('aten', 'IMPL')\n"
        "torch._lib.impl('mul.Tensor', lambda a, b: a.clone() if isinstance(a, torch.Tensor) else b.clone(), 'CPU')\n",
    ),
    "watches torch's functions and changes their answers": _lie(
        "return x", beside="from torch.overrides import TorchFunctionMode\nclass Mode(TorchFunctionMode):\n"
        "    def __torch_function__(self, function, types, args=(), kwargs=None):\n"
        "        return True if function is torch.allclose else function(*args, **(kwargs or {}))\n"
        "mode = Mode(); mode.__enter__()\n",
    ),
    "patches the draw of the inputs": _lie(
        "return x", SEEDED, beside="torch.randn = lambda *size, **more: torch.zeros(*size, dtype=torch.float64)"
    ),
    "patches the reference": _lie(
        "module = sys.modules.get('reference')\nif module: module.scale = lambda x, factor: x\nreturn x", NO_CALLER
    ),
    "patches the comparison of the check that called it": _lie(
        "frame = sys._getframe()\nwhile frame:\n    if 'same' in frame.f_globals: frame.f_globals['same'] = lambda *a: True\n"
        "    frame = frame.f_back\nreturn x",
        NO_CALLER,
    ),
    "gives the check's code another body": _lie(
        "for thing in gc.get_objects():\n"
        "    if isinstance(thing, types.FunctionType) and thing.__name__ == 'same' and thing.__module__ != __name__:\n"
        "        thing.__code__ = (lambda *a: True).__code__\nreturn x",
        NO_CALLER,
    ),
    "patches pytest": _lie(
        "return x", NO_CALLER, beside="import _pytest.python\n_pytest.python.Function.runtest = lambda self: None"
    ),
    "makes every test a skipped one": _lie(
        "return x", NO_CALLER,
        beside="import _pytest.python, pytest\n_pytest.python.Function.runtest = lambda self: pytest.skip('done')",
    ),
    "patches the way in which exceptions are told": _lie(
        "return x", COMPUTED, beside="import _pytest._code\n_pytest._code.ExceptionInfo.from_current = None\n"
        "import _pytest.runner\n_pytest.runner.CallInfo.from_call = classmethod(\n"
        "    lambda cls, *a, **k: cls(None, None, 0.0, 0.0, 0.0, k.get('when', 'call'), _ispytest=True))\n",
    ),
    "empties the list of tests": _lie(
        "for thing in gc.get_objects():\n"
        "    if type(thing).__name__ == 'Session' and hasattr(thing, 'testsfailed'):\n"
        "        type(thing).testsfailed = property(lambda self: 0, lambda self, value: None)\nreturn x",
        NO_CALLER,
    ),
    "patches the worker's report of exceptions": _lie(
        "raise ValueError", COMPARED, None,
        beside="serve = sys.modules['serve']\nserve.Worker._raised = lambda self, error: serve.wire.Returned(None)",
        spoils=True,
    ),
    "patches the worker's decoder": _lie(
        "return x", COMPARED, None, spoils=True, beside="sys.modules['wire'].decode_tensor = lambda *a, **k: None"
    ),
    "patches the worker's encoder": _lie(
        "return x", COMPARED, None, spoils=True, beside="sys.modules['wire'].Encoder.encode = lambda self, value, depth=0: True"
    ),
}  # fmt: skip
LIARS = {
    "an object that equals everything": _lie("return Equal()", beside="class Equal:\n    __eq__ = lambda *a: True\n"),
    "a number that equals everything": _lie(
        "return Equal(0)", beside="class Equal(float):\n    __eq__ = lambda *a: True\n    __hash__ = None\n"
    ),
    "a tuple that equals everything": _lie(
        "return Equal()", beside="class Equal(tuple):\n    __eq__ = lambda *a: True\n"
    ),
    "a dict whose items lie": _lie(
        "return Equal()",
        beside="class Equal(dict):\n    __eq__ = lambda *a: True\n    items = lambda self: [('passed', 1)]\n",
    ),
    "a tensor that answers torch's functions itself": _lie(
        "return x.as_subclass(Liar)",
        beside="class Liar(torch.Tensor):\n    @classmethod\n    def __torch_function__(cls, *a, **k): return True\n",
    ),
    "no tensor, but it answers torch's functions": _lie(
        "return Liar()",
        beside="class Liar:\n    __eq__ = lambda *a: True\n"
        "    @classmethod\n    def __torch_function__(cls, *a, **k): return True\n",
    ),
    "a tensor that dispatches to lies": _lie(
        "return Liar._make_wrapper_subclass(Liar, x.shape, dtype=x.dtype)",
        beside="class Liar(torch.Tensor):\n    @classmethod\n"
        "    def __torch_dispatch__(cls, function, types, args=(), kwargs=None):\n"
        "        return True if 'allclose' in str(function) or 'equal' in str(function) else torch.ones((), dtype=torch.bool)\n",
        status="crashed",
    ),
    "a class that says it is a tensor": _lie(
        "return Liar()",
        beside="class Liar:\n    __class__ = torch.Tensor\n    shape = torch.Size([3, 4])\n"
        "    __eq__ = lambda *a: True\n    __torch_function__ = classmethod(lambda cls, *a, **k: True)\n",
    ),
    "its input, spoilt so that the reference gets the same": _lie("x.zero_()\nreturn x", "arguments are copies"),
    "its input, changed a little later by a thread": _lie(
        "threading.Thread(target=lambda: (time.sleep(0.2), x.zero_())).start()\nreturn x", "arguments are copies", None
    ),
    "a tensor of tensors": _lie("return (x * factor).expand(10, 3, 4)"),
    "itself": _lie("return scale", COMPARED, None),
    "NaN": _lie("return x * float('nan')", COMPARED, None),
}
EXITS = {
    "skips the test": _lie("import pytest\npytest.skip('not today')", COMPUTED),
    "expects to fail": _lie("import pytest\npytest.xfail('as expected')", COMPUTED),
    "ends pytest with success": _lie("import pytest\npytest.exit('done', returncode=0)", COMPUTED),
    "leaves with success": _lie("os._exit(0)", COMPUTED, status="crashed"),
    "leaves with success when all is over": _lie(
        "import atexit\natexit.register(os._exit, 0)\nreturn x", COMPUTED
    ),
    "leaves with success from a thread": _lie(
        "threading.Timer(0.05, os._exit, (0,)).start(); time.sleep(0.2)\nreturn x", COMPUTED, status="crashed"
    ),
    "leaves with success at the next exception": _lie(
        "import sys\nsys.excepthook = lambda *a: os._exit(0)\nsys.settrace(lambda *a: os._exit(0))\nreturn x",
        COMPUTED, status="crashed",
    ),
    "leaves with success when it is loaded": Attack(
        "return x", MustNot.SCORED, COMPUTED, Without.ONE_PROCESS, status="crashed", everywhere=True, beside="os._exit(0)"
    ),
    "replaces the program by one that succeeds": Attack(
        "os.execv('/bin/true', ['true'])", MustNot.SCORED, "seccomp; " + COMPUTED, Without.ONE_PROCESS
    ),
    "raises an exception of pytest's by name": _lie(
        "raise type('Skipped', (BaseException,), {'__module__': '_pytest.outcomes'})", COMPUTED, None
    ),
    "raises what counts as no test": _lie("import unittest\nraise unittest.SkipTest('not today')", COMPUTED),
}  # fmt: skip
PEEPING = {
    "lets the reference answer": _lie(
        "module = sys.modules.get('reference')\nreturn module.scale(x, factor) if module else x", NO_CALLER
    ),
    "finds the reference among all functions": _lie(
        "theirs = [f for f in gc.get_objects() if isinstance(f, types.FunctionType) and f.__name__ == 'scale' and f is not scale]\n"
        "return theirs[0](x, factor) if theirs else x",
        NO_CALLER,
    ),
    "takes the expected value from its caller": _lie(
        "frame = sys._getframe()\nwhile frame:\n    for space in (frame.f_locals, frame.f_globals):\n"
        "        if isinstance(space.get('ANSWER'), torch.Tensor): return space['ANSWER']\n"
        "    frame = frame.f_back\nreturn x",
        NO_CALLER,
    ),
    "takes the expected value from the module of the checks": _lie(
        "found = [vars(m).get('ANSWER') for m in list(sys.modules.values()) if hasattr(m, '__dict__')]\n"
        "return next((a for a in found if isinstance(a, torch.Tensor)), x)",
        NO_CALLER,
    ),
    "answers by heart, from an earlier run": _lie(
        "torch.manual_seed(7)\nreturn torch.randn(3, 4, dtype=torch.float64) * 2.5", SEEDED
    ),
    "answers by heart where it knows the sum of the input": _lie(
        "torch.manual_seed(7)\nearlier = torch.randn(3, 4, dtype=torch.float64)\n"
        "return earlier * 2.5 if torch.allclose(x.sum(), earlier.sum()) else x",
        SEEDED,
    ),
    "answers right only where the caller is called like the check": _lie(
        "return x * factor if 'test_multiplies' in [f.f_code.co_name for f in frames()] else x", NO_CALLER,
        beside="def frames():\n    frame = sys._getframe()\n    while frame:\n        yield frame\n        frame = frame.f_back\n",
    ),
    "answers right only where pytest is running": _lie(
        "return x * factor if 'PYTEST_CURRENT_TEST' in os.environ else x", "an empty environment"
    ),
}  # fmt: skip
CHEATING = PATCHES | LIARS | EXITS | PEEPING
