"""Students' text made fit for a page: no control characters, no markup that acts."""

import re
from collections.abc import Container

_TERMINAL = re.compile(r"\x1b\[[0-9;?]*[ -/]*[@-~]")
# C0 and C1 but tab and newline, marks that reorder what is read, and lone surrogates, which no UTF-8 file can hold.
_CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]")

# A tag without attributes does nothing but set text; handouts fold their hints in <details>.
_PLAIN = r"/?(?:details|summary|br|sub|sup|kbd|em|strong|b|i|u|code)\s*/?>"
_TAG = re.compile(rf"<(?!{_PLAIN})(?=[A-Za-z/!?])")
_LINK = re.compile(r"\](?=\()(?!\(https?://)(?!\(attachment:(?P<name>[\w.-]+)\))")
_ATTACHED = re.compile(r"\](?=\(attachment:(?P<name>[\w.-]+)\))")
_REFERENCE = re.compile(r"\](?=:)(?!:[ \t]*https?://)")


def clean(text: str) -> str:
    """The text without terminal sequences and control characters; tabs and line ends stay."""
    return _CONTROL.sub("", _TERMINAL.sub("", text.replace("\r\n", "\n").replace("\r", "\n")))


def harmless_markdown(text: str, attachments: Container[str] = ()) -> str:
    """The Markdown with a space wherever it would become HTML that acts or a link that is not plain http.

    nbconvert passes both through to the page, and formgrader shows that page with the instructor's rights. An image
    that is not attached would stop the page from being made at all.
    """
    text = _REFERENCE.sub("] ", _LINK.sub("] ", _TAG.sub("< ", text)))
    return _ATTACHED.sub(lambda found: "]" if found["name"] in attachments else "] ", text)


def cut(text: str, limit: int) -> str:
    """The text, or its first `limit` characters and a line that says that it was cut."""
    return text if len(text) <= limit else f"{text[:limit]}\n(… cut: {len(text):,} characters)"
