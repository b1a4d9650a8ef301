"""What the notebook and the visible checks need: readable comparisons, a runner, your code by name, a figure style.

Nothing here is part of an exercise, and nothing here grades: you may read it, you need not.

(For pytest, which takes the last functions of this file as a plugin: PYTEST_DONT_REWRITE.)
"""

import ast
import inspect
import json
import linecache
import os
import re
import symtable
import sys
import traceback
import types
import warnings
from pathlib import Path

import torch

_SHOWN_WHOLE = 12  # elements; of a larger tensor a failed check shows the first that differ
_SHOWN_ROWS = 5


class ChecksFailed(Exception):
    """Ends a check cell whose checks did not all pass; the notebook shows its one line and no traceback."""

    def _render_traceback_(self):
        return [str(self)]


def assert_close(call, got, expected, why, rtol=1e-5, atol=1e-7):
    """Raises AssertionError unless `got` is `expected`; the message says what was called, what came back, and why not.

    A tensor must come back as a tensor of that shape, dtype and device. Numbers and lists of numbers stand for values
    and shape only. Values may differ by rtol · |expected| + atol.
    """
    __tracebackhide__ = True
    if isinstance(expected, tuple):
        if not isinstance(got, tuple) or len(got) != len(expected):
            _fail(call, _described(got), f"a tuple of {len(expected)}", why)
        for index, (one, other) in enumerate(zip(got, expected, strict=True)):
            assert_close(f"{call}[{index}]", one, other, why, rtol, atol)
        return
    if expected is None or isinstance(expected, bool | str):
        if type(got) is not type(expected) or got != expected:
            _fail(call, _described(got), repr(expected), why)
        return
    if isinstance(expected, torch.Tensor) and not isinstance(got, torch.Tensor):
        _fail(call, _described(got), f"a tensor: {_described(expected)}", why)
    tolerance = f"within {rtol:g} · |expected| + {atol:g}"
    try:
        left, right = _as_numbers(got), _as_numbers(expected)
    except (TypeError, ValueError, RuntimeError):
        _fail(call, _described(got), f"{_described(expected)} {tolerance}", why)
    if left.shape != right.shape or (isinstance(expected, torch.Tensor) and got.dtype != expected.dtype):
        _fail(call, _described(got), f"{_described(expected)} {tolerance}", why)
    close = torch.isclose(left, right, rtol=rtol, atol=atol, equal_nan=True)
    if close.all():
        return
    if left.numel() > _SHOWN_WHOLE:
        _fail(call, f"{_kind(got)}; {_table(left, right, close)}", f"{_kind(expected)} {tolerance}", why)
    _fail(call, _described(got), f"{_described(expected)} {tolerance}", why)


def assert_raises(call, exception, function, names=None):
    """Raises AssertionError unless `function()` raises `exception` with a message that says `names`."""
    __tracebackhide__ = True
    wanted = exception.__name__ + (f" with a message that names {names}" if names else "")
    why = "A wrong argument is refused at once, and the message tells the caller which one."
    try:
        got = function()
    except NotImplementedError:
        raise
    except exception as error:
        if names and not re.search(rf"\b{re.escape(names)}\b", str(error)):
            _fail(call, f"{type(error).__name__}: {error}", wanted, why)
        return
    except Exception as error:
        _fail(call, f"{type(error).__name__}: {error}", wanted, why)
    _fail(call, f"no error, but {_described(got)}", wanted, why)


def _fail(call, got, expected, why):
    __tracebackhide__ = True
    raise AssertionError(f"\ncalled    {call}\ngot       {got}\nexpected  {expected}\nwhy       {why}")


def _as_numbers(value):
    """The value as a float64 tensor on the CPU."""
    return torch.as_tensor(value).detach().to("cpu", torch.float64)


def _described(value):
    """A value as a failed check shows it: numbers, shape, dtype."""
    if isinstance(value, torch.Tensor):
        if value.is_meta or value.numel() > _SHOWN_WHOLE:
            return _kind(value)
        return f"{_numbers(value.tolist(), 7 if value.dtype == torch.float32 else 10)} ({_kind(value)})"
    if isinstance(value, bool | str | types.NoneType):
        return _shortened(repr(value))
    if isinstance(value, int | float):
        return f"{_numbers(value, 10)} ({type(value).__name__})"
    if isinstance(value, list | tuple):
        inside = ", ".join(_described(item) for item in value[:_SHOWN_ROWS]) + (", …" * (len(value) > _SHOWN_ROWS))
        if all(isinstance(item, int | float) for item in value) and len(value) <= _SHOWN_WHOLE:
            inside = ", ".join(_numbers(item, 10) for item in value)
        return f"[{inside}] (a {type(value).__name__} of {len(value)})"
    if hasattr(value, "shape") and hasattr(value, "dtype"):
        shown = _shortened(str(value)) if getattr(value, "size", 0) <= _SHOWN_WHOLE else "values"
        return f"{shown} ({type(value).__name__}, shape {tuple(value.shape)}, {value.dtype})"
    return f"{type(value).__name__}: {_shortened(str(value))}"


def _shortened(text):
    return text if len(text) <= 200 else text[:200] + "…"


def _kind(value):
    """Shape and dtype of a tensor."""
    if not isinstance(value, torch.Tensor):
        return f"shape {tuple(torch.as_tensor(value).shape)}"
    device = "" if value.device.type == "cpu" else f" on {value.device}"
    return f"shape {tuple(value.shape)}, {str(value.dtype).removeprefix('torch.')}{device}"


def _numbers(value, digits):
    if isinstance(value, list):
        return f"[{', '.join(_numbers(item, digits) for item in value)}]"
    return f"{value:.{digits}g}" if isinstance(value, float) else repr(value)


def _table(left, right, close):
    """How many elements differ, by how much at most, and the first of them."""
    wrong, wanted = left[~close], right[~close]
    gap = (wrong - wanted).abs()
    share = gap / wanted.abs()
    lines = [f"{gap.numel()} of {close.numel()} elements differ"]
    if gap.isfinite().any():
        lines[0] += f", by at most {gap[gap.isfinite()].max():.3g}"
    if share.isfinite().any():
        lines[0] += f", relative to the expected element {share[share.isfinite()].max():.3g}"
    if strange := int((~wrong.isfinite()).sum()):
        lines[0] += f"; {strange} of yours {'is' if strange == 1 else 'are'} NaN or infinite"
    for index in (~close).nonzero()[:_SHOWN_ROWS].tolist():
        at = tuple(index)
        lines.append(f"          at {index}: got {left[at]:.7g}, expected {right[at]:.7g}")
    return "\n".join(lines)


_points = {}  # what each exercise is worth, in their order
_passed = set()  # exercises whose visible checks have passed since the notebook was started


def begin(**points):
    """Starts the count of points anew: what each exercise is worth, in their order."""
    _points.clear()
    _points.update(points)
    _passed.clear()


def run_checks(*tests, exercise=None):
    """Prints a line for each check and how far you are; raises ChecksFailed at the end unless all passed."""
    failed, advice = 0, ""
    for test in tests:
        try:
            test()
        except Exception as error:
            failed += 1
            text, advice_now = _told(test, error)
            advice = advice or advice_now
            print(text)
        else:
            print(f"passed: {_sentence(test)}")
    if exercise in _points:
        (_passed.discard if failed else _passed.add)(exercise)
        print(_progress(_points, _passed))
    if failed:
        count = f"{failed} of {len(tests)} checks did not pass."
        raise ChecksFailed(f"{count} {advice or 'Change your code, run its cell, then this one.'}") from None


def _sentence(test):
    """The fact that a check asks for: the first line of its docstring."""
    return (test.__doc__ or test.__name__).strip().splitlines()[0]


def _told(test, error):
    """What a student reads of a check that failed, and what to do first."""
    advice = ""
    if isinstance(error, NotImplementedError):
        what, text = "not written yet", ""
        advice = (
            f"{error}: put your code in place of `raise NotImplementedError(...)` and run that cell, then this one."
        )
    elif isinstance(error, NameError):
        what, text = "could not run", f"{error}{_place(error)}"
        advice = f"{error}: if a cell above defines it, run that cell first."
    elif isinstance(error, AssertionError):
        what, text = "FAILED", str(error).strip("\n")
    else:
        what, text = "FAILED", f"your code raised {type(error).__name__}: {error}{_place(error)}"
    lines = [f"{what}: {_sentence(test)}", *(f"    {line}" for line in text.splitlines())]
    return "\n".join(lines), advice


def _progress(points, passed):
    """How many points the visible checks show, and which exercise comes next."""
    shown = sum(worth for name, worth in points.items() if name in passed)
    line = f"{shown:g} of {sum(points.values()):g} points visible so far"
    following = next((name for name in points if name not in passed), None)
    return (
        f"{line}; next: {following}" if following else f"{line}: all visible checks pass. Hidden ones decide the grade."
    )


def _place(error):
    """The last line of the student's own code that an error passed through."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [frame for frame in frames if frame.filename != __file__ and "site-packages" not in frame.filename]
    if not own:
        return ""
    return f"\nat        {own[-1].name}, line {own[-1].lineno}: {own[-1].line}"


def load_submission(module_path, names):
    """Returns the functions and classes called `names`, by name, from what the student wrote in this folder.

    That is the module at `module_path`; while it still is the skeleton, the notebook of that name; or the file that the
    environment variable UNSTUCK_SUBMISSION names.
    """
    notebook = module_path.with_suffix(".ipynb")
    if chosen := os.environ.get("UNSTUCK_SUBMISSION"):
        path = module_path.parent / chosen
    elif notebook.is_file() and not _is_written(module_path, names):
        path = notebook
    else:
        path = module_path
        if notebook.is_file() and _is_written(notebook, names):
            warnings.warn(
                f"{module_path.name} and {notebook.name} both hold work; these checks look at {module_path.name}. "
                f"For the other, set UNSTUCK_SUBMISSION={notebook.name}",
                stacklevel=2,
            )
    found = load_definitions(path, names)
    return {name: found.get(name) or _absent(name, path.name) for name in names}


def load_definitions(path, names):
    """Returns what a module defines, or what the code cells of a notebook define for `names`.

    Of a notebook, plots, training runs and magics do not run: only the imports, definitions and assignments that `names`
    need. A cell that cannot be read is left out, with a warning.
    """
    path = Path(path)
    module = types.ModuleType(path.stem)
    sys.modules[path.stem] = module  # dataclasses and pickle look a class's module up
    if path.suffix == ".py":
        exec(compile(path.read_text(encoding="utf-8"), str(path), "exec"), vars(module))
        return vars(module)
    statements = []
    for number, cell in enumerate(_code_cells(path), 1):
        title = f"{path.name}, code cell {number}"
        try:
            tree = _parsed(cell)
        except SyntaxError as error:
            warnings.warn(f"{title}, line {error.lineno}: {error.msg}; the cell was left out", stacklevel=2)
            continue
        linecache.cache[title] = (len(cell), None, cell.splitlines(keepends=True), title)
        statements += [(title, statement) for statement in tree.body if _defines(statement)]
    for title, statement in _needed(statements, set(names)):
        try:
            exec(compile(ast.Module([statement], []), title, "exec"), vars(module))
        except Exception as error:
            problem = f"{type(error).__name__}: {error}"
            warnings.warn(f"{title}, line {statement.lineno}: {problem}; the line was left out", stacklevel=2)
    return vars(module)


def _code_cells(path):
    """The sources of a notebook's code cells; a cell magic makes a cell something else than Python."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    sources = ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    return ["" if source.lstrip().startswith("%%") else source for source in sources]


def _parsed(cell):
    """The syntax tree of a cell, whose magics (`%time`, `!pip`) become `pass`."""
    try:
        return ast.parse(cell)
    except SyntaxError:
        return ast.parse(re.sub(r"(?m)^([ \t]*)[%!?].*$", r"\1pass", cell))


def _defines(statement):
    """Whether a statement imports, defines or assigns, also under `if`, `try` or `with`."""
    if isinstance(statement, ast.If | ast.Try | ast.With):
        parts = [getattr(statement, part, []) for part in ("body", "orelse", "finalbody")]
        parts += [handler.body for handler in getattr(statement, "handlers", [])]
        return all(_defines(inner) for part in parts for inner in part)
    definitions = ast.Import | ast.ImportFrom | ast.FunctionDef | ast.ClassDef
    return isinstance(statement, definitions | ast.Assign | ast.AugAssign | ast.AnnAssign | ast.Pass)


def _needed(statements, names):
    """The statements that bind `names`, those that bind what these use, and so on."""
    while True:
        kept = [item for item in statements if _binds(item[1]) & (names | {"*"})]
        used = set().union(*(_uses(statement) for _, statement in kept))
        if used <= names:
            return kept
        names = names | used


def _uses(statement):
    """The names that a statement takes from the notebook: not the variables of its own functions, whatever else is called so."""
    scopes = [symtable.symtable(ast.unparse(statement), "statement", "exec")]
    used = {symbol.get_name() for symbol in scopes[0].get_symbols() if symbol.is_referenced()}
    for scope in scopes:
        scopes += scope.get_children()
        used |= {symbol.get_name() for symbol in scope.get_symbols() if symbol.is_global() and symbol.is_referenced()}
    return used


def _binds(statement):
    """The names that a statement gives a value to, or an attribute: `Model.forward = forward` completes `Model`."""
    if isinstance(statement, ast.FunctionDef | ast.ClassDef):
        return {statement.name}
    names = set()
    for node in ast.walk(statement):
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.value.id)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            names.add(node.id)
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.alias):
            names.add((node.asname or node.name).split(".")[0])
    return names


def _is_written(path, names):
    """Whether a file holds more than the skeleton: a body that does not just raise NotImplementedError."""
    if not path.is_file():
        return False
    for source in _code_cells(path) if path.suffix == ".ipynb" else [path.read_text(encoding="utf-8")]:
        try:
            tree = _parsed(source)
        except SyntaxError:
            return True
        exercises = [node for node in tree.body if getattr(node, "name", None) in names]
        for node in (node for exercise in exercises for node in ast.walk(exercise)):
            if isinstance(node, ast.FunctionDef) and "NotImplementedError" not in ast.unparse(node.body[-1]):
                return True
    return False


def _absent(name, place):
    """Stands for an exercise that a file does not define."""

    def absent(*args, **kwargs):
        raise NotImplementedError(f"{name} is not in {place}")

    return absent


def explore(draw, **values):
    """Shows a figure and, where ipywidgets is installed, a slider for each keyword, over the values listed there.

    `draw` takes these keywords and returns the matplotlib figure that it made, without plt.show(); its defaults are
    where the sliders start: `explore(draw, lr=(0.01, 0.03, 0.1))` for `def draw(lr=0.03): ... return fig`.
    """
    import matplotlib.pyplot as plt
    from IPython.display import display

    def drawn(**chosen):
        figure = draw(**chosen)
        if not hasattr(figure, "savefig"):
            raise TypeError(f"{draw.__name__} must return the figure that it made, got {_described(figure)}")
        plt.close(figure)  # else it is shown once more at the end of the cell
        return figure

    shown = display(drawn(), display_id=True)
    try:
        from ipywidgets import SelectionSlider, VBox
    except ImportError:
        return
    sliders = {}
    for name, options in values.items():
        start = inspect.signature(draw).parameters[name].default
        sliders[name] = SelectionSlider(options=options, value=start, description=name, continuous_update=False)

    def redraw(change):
        shown.update(drawn(**{name: slider.value for name, slider in sliders.items()}))

    for slider in sliders.values():
        slider.observe(redraw, names="value")
    display(VBox(list(sliders.values())))


def use_course_style():
    """Sets Matplotlib's style: readable in print, by colour-blind eyes (Okabe and Ito's palette), and in black and white."""
    import matplotlib.pyplot as plt
    from cycler import cycler

    colors = ["#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000"]
    dashes = ["-", "--", "-.", ":", (0, (5, 1, 1, 1, 1, 1)), (0, (3, 3)), "-"]
    plt.rcParams.update(
        {
            "axes.axisbelow": True,
            "axes.grid": True,
            "axes.labelsize": 10,
            "axes.prop_cycle": cycler(color=colors) + cycler(linestyle=dashes),
            "axes.spines.right": False,
            "axes.spines.top": False,
            "axes.titlelocation": "left",
            "axes.titlesize": 10.5,
            "figure.constrained_layout.use": True,
            "figure.dpi": 130,
            "figure.figsize": (6.4, 3.4),
            "font.size": 10,
            "grid.color": "#dddddd",
            "grid.linewidth": 0.6,
            "image.cmap": "cividis",
            "legend.fontsize": 9,
            "legend.frameon": False,
            "lines.linewidth": 1.8,
            "lines.markersize": 5,
            "mathtext.fontset": "dejavusans",
            "savefig.bbox": "tight",
        }
    )


def pytest_runtest_makereport(item, call):
    """For pytest: a failed check reads as in the notebook. `pytest --tb=long` shows the traceback."""
    import pytest

    report = pytest.TestReport.from_item_and_call(item, call)
    exercise = getattr(item.module, "EXERCISE_OF", {}).get(item.name)
    if exercise is None or call.when != "call":
        return report
    report.exercise, report.points, report.checks = exercise, item.module.POINTS, item.module.EXERCISE_OF
    if report.failed and item.config.getoption("tbstyle") == "auto" and isinstance(call.excinfo.value, Exception):
        report.longrepr, _ = _told(item.function, call.excinfo.value)
        if isinstance(call.excinfo.value, NotImplementedError):
            report.longrepr += (
                f"\n    {call.excinfo.value}: put your code in place of `raise NotImplementedError(...)`."
            )
    return report


def pytest_terminal_summary(terminalreporter):
    """For pytest: how far you are, in the place of a list of what has just been read."""
    runs = {}
    for report in terminalreporter.stats.get("passed", []) + terminalreporter.stats.get("failed", []):
        if hasattr(report, "exercise"):
            runs.setdefault(report.nodeid.split("::")[0], []).append(report)
    for name, reports in runs.items():
        if len(reports) == len(reports[0].checks):  # else only some were asked for
            failed = {report.exercise for report in reports if report.failed}
            line = _progress(reports[0].points, reports[0].points.keys() - failed)
            terminalreporter.write_line(f"{name}: {line}" if len(runs) > 1 else line)
    if runs and terminalreporter.config.getoption("reportchars") == "fE":  # pytest's default
        terminalreporter.reportchars = ""
