"""nbgrader's feedback page as ours: readable on a phone and in print, formulas without a script, no word to any server."""

import html
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jinja2 import pass_context
from jinja2.runtime import Context
from nbconvert.exporters import HTMLExporter
from nbconvert.filters.markdown_mistune import MarkdownWithMath
from traitlets.config import Config

from autograder.carrier.text import clean
from autograder.feedback.mathml import Renderer
from autograder.feedback.style import style

_TEMPLATES = Path(__file__).with_name("templates")
_STYLE = """
.cell { margin: .8rem 0; overflow-wrap: anywhere; }
.cell img, .output img { max-width: 100%; height: auto; }
.highlight { background: var(--paper); border: 1px solid var(--rule); border-radius: .3rem; padding: .1rem .7rem; }
.highlight pre, .output > pre { white-space: pre-wrap; overflow-wrap: anywhere;
  font: .875rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
.graded { border: 1px solid var(--rule); border-radius: .3rem; padding: .2rem .9rem; margin: 1rem 0; }
.graded .score { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 1rem; }
details { margin: .4rem 0; }
summary { cursor: pointer; }
h3 { font-size: 1.1rem; }
h4 { font-size: 1.05rem; margin: .8rem 0 .4rem; }
table { border-collapse: collapse; display: block; overflow-x: auto; }
th, td { border: 1px solid var(--rule); padding: .2rem .5rem; text-align: left; }
@media (prefers-color-scheme: dark) {
  .highlight, .highlight * { background: var(--paper) !important; color: var(--ink) !important; }
}
"""


class _Deeper(Renderer):
    """A notebook's headings one level further down: the page has a heading of its own."""

    def heading(self, text: str, level: int, **attributes: Any) -> str:
        """A heading."""
        return str(super().heading(text, min(level + 1, 6), **attributes))


class FeedbackExporter(HTMLExporter):  # type: ignore[misc]  # nbconvert has no types
    """The exporter of `nbgrader generate_feedback`."""

    def __init__(self, **settings: Any) -> None:
        # More special than what nbgrader sets for every HTMLExporter, and known before the templates are looked for.
        ours = {"template_name": "unstuck_feedback", "extra_template_basedirs": [str(_TEMPLATES)]}
        config = Config(settings.pop("config", None) or {})
        config.merge({type(self).__name__: ours})
        super().__init__(config=config, **settings)

    def default_filters(self) -> Iterator[tuple[str, Any]]:
        """nbconvert's, but for Markdown."""
        yield from super().default_filters()
        yield "markdown2html", self.markdown2html
        yield "plain_text", _plain_text

    def _init_resources(self, resources: Any) -> Any:
        self.environment.globals["page_style"] = lambda: style() + _STYLE
        return super()._init_resources(resources)

    @pass_context
    def markdown2html(self, context: Context, source: str) -> str:
        """Markdown with MathML, and with the images that are attached to its cell."""
        attachments = context.get("cell", {}).get("attachments", {})
        renderer = _Deeper(escape=False, attachments=attachments, exclude_anchor_links=True)
        return str(MarkdownWithMath(renderer=renderer).render(source))


def _plain_text(text: str) -> str:
    """What a person wrote, as it was written."""
    return html.escape(clean(text)).replace("\n", "<br>")
