"""Quick actions: which lines of a text are commands, and the text without them (gitlab-facts 4.2)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import comrak

from automation.sandbox.markdown import read_tree

# What GitLab knows in an issue; other lines that begin with a slash stay text.
_NAMES = (
    "label labels unlabel remove_label relabel close reopen title assign unassign reassign due remove_due_date "
    "confidential lock unlock todo done subscribe unsubscribe react award severity milestone remove_milestone estimate "
    "remove_estimate spend spent remove_time_spent duplicate move clone relate unlink promote promote_to copy_metadata "
    "weight clear_weight epic remove_epic iteration remove_iteration health_status clear_health_status type set_parent"
)
_SPAN_OR_COMMAND = re.compile(
    rf"`[^`]*`|^/(?P<name>{'|'.join(_NAMES.split())})(?: (?P<argument>[^\n]*))?$\n?", re.IGNORECASE | re.MULTILINE
)
_BLOCK_TAG = re.compile(r"<(?P<closes>/?)(?:details|div|section|blockquote|center|table|ul|ol)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Command:
    """One quick action: *name* in lower case, *argument* trimmed."""

    name: str
    argument: str = ""


@dataclass(frozen=True, slots=True)
class Extraction:
    """A text as it is stored, and the commands taken out of it in order."""

    text: str
    commands: tuple[Command, ...] = ()


def extract_commands(text: str) -> Extraction:
    """Take the quick actions out of *text*: carriage returns and trailing blanks go as well."""
    text = text.replace("\r", "")
    if not text.startswith("/") and "\n/" not in text:
        return Extraction(text.rstrip())
    lines = text.split("\n")
    commands: list[Command] = []
    # From the last paragraph up, so that the line numbers of the ones above stay true.
    for first, last in reversed(read_tree(text, _list_top_paragraphs)):
        kept, found = _extract_from_paragraph("\n".join(lines[first:last]) + "\n")
        if not found:
            continue
        commands[:0] = found
        # A paragraph that vanishes takes the empty line below it along.
        takes_blank = not kept and last < len(lines) and not lines[last].strip()
        lines[first : last + takes_blank] = kept.split("\n")[:-1]
    return Extraction("\n".join(lines).rstrip(), tuple(commands))


def _list_top_paragraphs(root: comrak.AstNode) -> list[tuple[int, int]]:
    """Return the lines (from, to, counted from 0) of each paragraph that stands in nothing else."""
    paragraphs, open_tags = [], 0
    for node in root.children:
        if isinstance(node.node_value, comrak.HtmlBlock):
            # Markdown between <details> and </details> is nested on the page, though not in the tree.
            open_tags += sum(-1 if tag["closes"] else 1 for tag in _BLOCK_TAG.finditer(node.node_value.value.literal))
        elif isinstance(node.node_value, comrak.Paragraph) and open_tags <= 0:
            paragraphs.append((node.sourcepos.start.line - 1, node.sourcepos.end.line))
    return paragraphs


def _extract_from_paragraph(text: str) -> tuple[str, list[Command]]:
    commands: list[Command] = []

    def take(found: re.Match[str]) -> str:
        if not found["name"]:
            return found.group()
        commands.append(Command(found["name"].lower(), (found["argument"] or "").strip()))
        return ""

    return _SPAN_OR_COMMAND.sub(take, text), commands
