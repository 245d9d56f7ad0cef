"""Markdown as safe HTML for the web page: every tag is written here, nothing that people typed becomes one."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from urllib.parse import quote, unquote

import comrak
from markupsafe import Markup, escape

from automation.sandbox.markdown import read_tree, walk
from automation.sandbox.page_tags import PeoplesTags

# Draws the box of a task: its line (from 1), its symbol, and its words.
DrawBox = Callable[[int, str, str], Markup]

_MAX_LENGTH = 200_000
_MAX_DEPTH = 60
_MAX_LABEL = 80
_WEB_ADDRESS = re.compile(r"https?://[^\s]+", re.IGNORECASE)
_UPLOAD = re.compile(r"/uploads/(?P<secret>[0-9a-f]{32})/(?P<name>[^/?#]+)")
_WRAPPERS: dict[type, str] = {
    comrak.BlockQuote: "blockquote",
    comrak.MultilineBlockQuote: "blockquote",
    comrak.Alert: "blockquote",
    comrak.Emph: "em",
    comrak.Strong: "strong",
    comrak.Strikethrough: "del",
    comrak.Table: "table",
    comrak.TableRow: "tr",
    comrak.DescriptionList: "dl",
    comrak.DescriptionTerm: "dt",
    comrak.DescriptionDetails: "dd",
    comrak.Item: "li",
}


def render_markdown(text: str, draw_box: DrawBox, project_id: int | None = None) -> Markup:
    """Render *text* as GitLab shows it, without images and raw HTML (but for <details>, <summary> and <span>).

    Links to uploads lead to the files of the project; without *project_id* they are mere words. Text that is longer or
    nested deeper than anybody writes is shown as it stands.
    """
    if len(text) > _MAX_LENGTH:
        return _show_source(text)
    return read_tree(text, lambda root: _render(root, text, draw_box, project_id))


def _render(root: comrak.AstNode, text: str, draw_box: DrawBox, project_id: int | None) -> Markup:
    if _is_deep(root):
        return _show_source(text)
    parts, tags = list[str](), PeoplesTags()
    waiting: list[comrak.AstNode | str] = [root]
    while waiting:
        node = waiting.pop()
        if isinstance(node, str):
            parts += [tags.leave(), node]
            continue
        if isinstance(node.node_value, (comrak.HtmlBlock, comrak.HtmlInline)):
            parts.append(tags.clean(_read_html(node.node_value)))
            continue
        opening, closing = _render_node(node, draw_box, project_id)
        tags.enter()
        parts.append(opening)
        waiting.append(closing)
        if not isinstance(node.node_value, comrak.Image):
            waiting.extend(reversed(node.children))
    return Markup("".join(parts))  # noqa: S704 (each part is escaped or ours)


def _render_node(node: comrak.AstNode, draw_box: DrawBox, project_id: int | None) -> tuple[str, str]:
    """Return what stands before and after the children of *node*."""
    value = node.node_value
    if type(value) in _WRAPPERS:
        name = _WRAPPERS[type(value)]
        return f"<{name}>", f"</{name}>"
    match value:
        case comrak.Text():
            return escape(value.value), ""
        case comrak.Code() | comrak.Math():
            return f"<code>{escape(value.value.literal)}</code>", ""
        case comrak.CodeBlock():
            return f'<pre tabindex="0"><code>{escape(value.value.literal)}</code></pre>', ""
        case comrak.SoftBreak():
            return "\n", ""
        case comrak.LineBreak():
            return "<br>", ""
        case comrak.ThematicBreak():
            return "<hr>", ""
        case comrak.Paragraph():
            return ("", "") if _is_in_tight_list(node) else ("<p>", "</p>")
        case comrak.Heading():
            name = f"h{min(value.value.level + 2, 6)}"
            return f"<{name}>", f"</{name}>"
        case comrak.List():
            return _open_list(value.value)
        case comrak.TaskItem():
            return _open_task(node, value.value, draw_box), "</li>" if _is_in_list(node) else ""
        case comrak.TableCell():
            name = "th" if node.parent and getattr(node.parent.node_value, "value", False) else "td"
            return f"<{name}>", f"</{name}>"
        case comrak.Link() if address := _read_address(value.value.url, project_id):
            return f'<a href="{escape(address)}" rel="noopener noreferrer nofollow">', "</a>"
        case comrak.Image():
            return f"[image: {escape(read_words(node) or 'without description')}]", ""
        case comrak.FootnoteReference():
            return f"<sup>{escape(value.value.name)}</sup>", ""
        case _:
            return "", ""


def read_words(node: comrak.AstNode) -> str:
    """Return the words in and below *node*, cut to what a label can hold."""
    values = (each.node_value for each in walk(node))
    words = (value.value if isinstance(value, comrak.Text) else value.value.literal for value in _list_worded(values))
    return " ".join("".join(words).split())[:_MAX_LABEL]


def _list_worded(values: Iterator[object]) -> Iterator[comrak.Text | comrak.Code]:
    return (value for value in values if isinstance(value, (comrak.Text, comrak.Code)))


def _read_address(url: str, project_id: int | None) -> str:
    """Return where a link leads: to the web, or to a file of the project; "" for one that leads nowhere here."""
    if _WEB_ADDRESS.fullmatch(url):
        return url
    upload = _UPLOAD.fullmatch(url)
    if upload is None or project_id is None:
        return ""
    return f"/-/project/{project_id}/uploads/{upload['secret']}/{quote(unquote(upload['name']), safe='')}"


def _read_html(value: comrak.HtmlBlock | comrak.HtmlInline) -> str:
    html: str = value.value.literal if isinstance(value, comrak.HtmlBlock) else value.value
    return html


def _open_list(about: comrak.NodeList) -> tuple[str, str]:
    if about.list_type == comrak.ListType.Ordered:
        return f'<ol start="{int(about.start)}">', "</ol>"
    return "<ul>", "</ul>"


def _open_task(node: comrak.AstNode, about: comrak.NodeTaskItem, draw_box: DrawBox) -> str:
    symbol = about.symbol or " "
    first = next(iter(node.children), None)
    label = read_words(first) if first else ""
    opening = f'<li class="task{" not-applicable" if symbol == "~" else ""}">' if _is_in_list(node) else ""
    if symbol not in "xX~" and not symbol.isspace():
        return f"{opening}[{escape(symbol)}] "
    return f"{opening}{draw_box(about.symbol_sourcepos.start.line, symbol, label)}"


def _is_in_list(node: comrak.AstNode) -> bool:
    return node.parent is not None and isinstance(node.parent.node_value, comrak.List)


def _is_in_tight_list(node: comrak.AstNode) -> bool:
    grandparent = node.parent.parent if node.parent else None
    return (
        grandparent is not None
        and isinstance(grandparent.node_value, comrak.List)
        and grandparent.node_value.value.tight
    )


def _is_deep(root: comrak.AstNode) -> bool:
    level = [root]
    for _ in range(_MAX_DEPTH):
        level = [child for node in level for child in node.children]
    return bool(level)


def _show_source(text: str) -> Markup:
    return Markup('<pre class="source" tabindex="0">{}</pre>').format(text)
