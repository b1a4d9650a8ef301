"""Code as symbols that survive renaming, comments and layout: what the comparison of submissions looks at.

The lexer is that of Pygments, as in copydetect, whose own normalization (every name is the same letter, in characters) was measured
on this course's styles and sample class and told copies from independent work too badly: short numerical code is mostly names of
functions such as `exp` and `sum`, and those are what remains when a copy is renamed.
"""

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass

from pygments.lexers.python import PythonLexer
from pygments.token import Comment, Error, Name, Number, String, Text

_LEXER = PythonLexer(stripnl=False, ensurenl=False)
_SKIPPED = frozenset("().;\\")  # brackets and dots come and go with style; what stands between them stays
_DEFINED = re.compile(r"\bdef[ \t]+(\w+)|\bself\.(\w+)[^\S\n]*(?::[^\n=]{0,80})?=")
_FIRST, _MANY = 0x10000, 0xF0000  # one character a symbol, beyond the characters of any language


@dataclass(frozen=True)
class Block:
    """A function, a class, or the lines between two: its symbols, one character each, and the line of each."""

    symbols: str
    lines: tuple[int, ...]


def blocks(text: str) -> list[Block]:
    """The blocks of a text in their order; nothing of one depends on where it stands."""
    found: list[Block] = []
    symbols: list[str] = []
    lines: list[int] = []
    for symbol, line, starts in _symbols(text):
        if starts and symbols:
            found.append(Block("".join(symbols), tuple(lines)))
            symbols, lines = [], []
        symbols.append(symbol)
        lines.append(line)
    return [*found, Block("".join(symbols), tuple(lines))] if symbols else found


def _symbols(text: str) -> Iterator[tuple[str, int, bool]]:
    """Each symbol, its line, and whether a block starts with it."""
    own = {name for match in _DEFINED.finditer(text) for name in match.groups() if name}
    before, line, place, in_string = "", 1, 0, False
    for offset, kind, value in _LEXER.get_tokens_unprocessed(text):
        line += text.count("\n", place, offset)
        place = offset
        if kind in Text or kind in Comment or kind in Error or kind in String.Doc:
            continue
        shown = None if value in _SKIPPED or (kind in String and in_string) else _symbol(kind, value, before, own)
        in_string, before = kind in String, value
        if shown is not None:
            at_margin = offset == 0 or text[offset - 1] == "\n"
            yield chr(_FIRST + zlib.crc32(shown.encode()) % _MANY), line, at_margin and value in ("def", "class", "@")


def _symbol(kind: object, value: str, before: str, own: set[str]) -> str:
    """Names of one's own are alike; those after a dot, which are a library's, are themselves; numbers are their value."""
    if kind in String:
        return "a string"
    if kind in Number:
        return _number(value)
    if kind in Name:
        return f".{value}" if before == "." and value not in own else "a name"
    return value


def _number(text: str) -> str:
    try:
        return repr(float(text.replace("_", "")))
    except ValueError:  # hexadecimal, complex
        return text.lower()
