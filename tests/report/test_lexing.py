"""Student code is read in processes of their own; one that ends, or takes too long, costs no more than its comparison."""

import os

import pytest

from autograder.report import lexing
from autograder.report.lexing import LexingError, lexed
from autograder.report.tokens import Block, blocks


def end_at_once(texts: list[str]) -> None:
    """What a process does that is killed."""
    os._exit(9)


def never_ending(text: str) -> list[Block]:
    """A lexer that computes for ever."""
    while True:
        pass


def read_slowly(texts: list[str]) -> list[list[Block] | None]:
    """Reads each text under a short limit, with a lexer that never comes to an end."""
    lexing.blocks = never_ending
    lexing._SECONDS = 0.2
    return [lexing._lex(text) for text in texts]


def test_texts_are_read_in_their_order():
    """Forty texts in several tasks come back as they were given."""
    texts = [f"x = {number}\n" for number in range(40)]
    assert lexed(texts, jobs=2) == [blocks(text) for text in texts]


def test_a_process_that_ends_is_an_error_of_its_own(monkeypatch: pytest.MonkeyPatch):
    """The caller learns of it, and nothing else is lost."""
    monkeypatch.setattr(lexing, "_lex_each", end_at_once)
    with pytest.raises(LexingError, match="ended before its time"):
        lexed(["x = 1"], jobs=1)


def test_a_text_that_takes_too_long_is_given_up(monkeypatch: pytest.MonkeyPatch):
    """Its CPU time is limited, and nothing else is lost."""
    monkeypatch.setattr(lexing, "_lex_each", read_slowly)
    assert lexed(["x = 1"], jobs=1) == [None]
