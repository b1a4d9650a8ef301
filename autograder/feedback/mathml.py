"""Formulas as MathML, which browsers show by themselves: no script, no network."""

from functools import lru_cache
from html import escape
from xml.etree import ElementTree

from latex2mathml.converter import convert
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath

_LONGEST = 1_000  # characters of one formula
_NAMESPACE = "{http://www.w3.org/1998/Math/MathML}"
_ELEMENTS = {
    "math", "menclose", "mfrac", "mi", "mn", "mo", "mover", "mpadded", "mphantom", "mroot", "mrow", "mspace",
    "msqrt", "mstyle", "msub", "msubsup", "msup", "mtable", "mtd", "mtext", "mtr", "munder", "munderover",
}  # fmt: skip
_ATTRIBUTES = {
    "accent", "columnalign", "columnlines", "columnspacing", "depth", "display", "displaystyle", "fence", "form",
    "height", "largeop", "linethickness", "lspace", "mathsize", "mathvariant", "maxsize", "minsize",
    "movablelimits", "notation", "rowlines", "rowspacing", "rspace", "scriptlevel", "separator", "stretchy",
    "symmetric", "voffset", "width",
}  # fmt: skip


@lru_cache(maxsize=4096)
def formula(tex: str, *, block: bool = False) -> str:
    """A formula as MathML; as the text that it is where it is no formula or would hold anything else."""
    try:
        if len(tex) > _LONGEST:
            raise ValueError("too long to be a formula")
        made = ElementTree.fromstring(convert(tex, display="block" if block else "inline"))
    except Exception:  # a student may write anything between two dollars
        return f"<code>{escape(tex)}</code>"
    for node in made.iter():
        node.tag = str(node.tag).removeprefix(_NAMESPACE)
        if node.tag not in _ELEMENTS or not node.attrib.keys() <= _ATTRIBUTES:
            return f"<code>{escape(tex)}</code>"
    if block:
        made.set("tabindex", "0")  # where it is wider than a phone it scrolls, by the keyboard too
    return ElementTree.tostring(made, encoding="unicode")


class Renderer(IPythonRenderer):  # type: ignore[misc]  # nbconvert has no types
    """nbconvert's Markdown, with MathML for its formulas."""

    def inline_math(self, body: str) -> str:
        """A formula in a line."""
        return formula(body)

    def block_math(self, body: str) -> str:
        """A formula of its own."""
        return formula(body, block=True)


def markdown(text: str) -> str:
    """Markdown of ours as HTML."""
    return str(MarkdownWithMath(renderer=Renderer(escape=False)).render(text))
