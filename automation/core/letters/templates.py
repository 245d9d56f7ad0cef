"""The Jinja2 text of a letter: what it may hold. What is not on the list cannot be in a letter.

A letter that only prints values, asks conditions and goes over lists that people wrote can neither run for ever nor
reach out of itself; so nothing has to be stopped when it is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_PARSER = ImmutableSandboxedEnvironment(autoescape=False)
_FILTERS = {"date": "date", "join": 'join(", ")', "lower": "lower"}
_PLAIN = (
    nodes.Template,
    nodes.Output,
    nodes.TemplateData,
    nodes.Const,
    nodes.If,
    nodes.Compare,
    nodes.Operand,
    nodes.And,
    nodes.Or,
    nodes.Not,
    nodes.List,
    nodes.Tuple,
)
# What people typed must not decide where a link leads that others wrote.
_TARGET = re.compile(r"(?:\]\(|\]:)[^)\n]*\{[{%]")
_CAN = "A letter prints values, and knows if, for (over a list), include and the filters date, join and lower."


@dataclass(frozen=True, slots=True)
class Names:
    """What a letter may name: the fields of its process that hold one thing, those that hold a list, the roles."""

    values: Collection[str]
    lists: Collection[str]
    roles: Collection[str]

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.lists or name in self.roles


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a template: a sentence, and the line in it, from 1."""

    line: int
    message: str


def find_flaws(text: str, names: Names, includable: Mapping[str, str]) -> tuple[Flaw, ...]:
    """Find everything in a template that a letter must not have. *includable* are the texts of letters by name."""
    try:
        tree = _PARSER.parse(text)
    except jinja2.TemplateSyntaxError as error:
        return (Flaw(error.lineno, f"{(error.message or 'this is not Jinja2').rstrip('.')}."),)
    except RecursionError:
        return (Flaw(1, "this is nested too deeply."),)
    try:
        flaws = tuple(_walk(tree, names, includable, frozenset(), is_looped=False))
    except RecursionError:
        return (Flaw(1, "this is nested too deeply."),)
    targets = (
        Flaw(text[: match.start()].count("\n") + 1, "a value cannot be the target of a link; write it alone.")
        for match in _TARGET.finditer(text)
    )
    return tuple(dict.fromkeys(sorted((*flaws, *targets), key=lambda flaw: flaw.line)))


def find_names(text: str, includable: Mapping[str, str]) -> frozenset[str]:
    """Return every name that a template without flaws speaks of, in what it includes too."""
    tree = _PARSER.parse(text)
    found = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    for each in tree.find_all(nodes.Include):
        if isinstance(each.template, nodes.Const):
            found |= find_names(includable[each.template.value], {})
    return frozenset(found)


def _walk(
    node: nodes.Node, names: Names, includable: Mapping[str, str], loop: frozenset[str], *, is_looped: bool
) -> Iterator[Flaw]:
    """Yield the flaws of *node*. *loop* are the names that a loop around it gives."""
    if isinstance(node, nodes.Name):
        yield from _name(node, names, loop)
    elif isinstance(node, nodes.Getattr):
        yield from _attribute(node, names)
    elif isinstance(node, nodes.Filter):
        yield from _filter(node)
        if node.node is not None:
            yield from _walk(node.node, names, includable, loop, is_looped=is_looped)
    elif isinstance(node, nodes.For):
        yield from _for(node, names, includable, is_looped=is_looped)
    elif isinstance(node, nodes.Include):
        yield from _include(node, includable, is_looped=is_looped)
    elif isinstance(node, nodes.Compare) and not _can_compare(node, names):
        yield Flaw(node.lineno, "compare with ==, !=, in and not in only, and look for something in a list or a text.")
    elif isinstance(node, _PLAIN):
        for each in node.iter_child_nodes():
            yield from _walk(each, names, includable, loop, is_looped=is_looped)
    else:
        yield Flaw(node.lineno, f"a letter cannot hold this ({type(node).__name__.lower()}). {_CAN}")


def _can_compare(node: nodes.Compare, names: Names) -> bool:
    """Tell whether a comparison works whatever people typed."""
    return all(
        each.op in ("eq", "ne")
        or (
            each.op in ("in", "notin")
            and (isinstance(each.expr, nodes.List | nodes.Tuple) or _is_fact(each.expr, names))
        )
        for each in node.ops
    )


def _is_fact(node: nodes.Node, names: Names) -> bool:
    return isinstance(node, nodes.Name) and (node.name in names.values or node.name in names.lists)


def _name(node: nodes.Name, names: Names, loop: frozenset[str]) -> Iterator[Flaw]:
    if node.name not in names and node.name not in loop:
        yield Flaw(node.lineno, f"there is no field or role `{node.name}` in this process.")


def _attribute(node: nodes.Getattr, names: Names) -> Iterator[Flaw]:
    is_role = isinstance(node.node, nodes.Name) and node.node.name in names.roles
    if not is_role or node.attr != "first_name":
        yield Flaw(node.lineno, f"a letter cannot read `.{node.attr}`; of a role it can read `.first_name`.")


def _filter(node: nodes.Filter) -> Iterator[Flaw]:
    is_plain = all(isinstance(each, nodes.Const) and isinstance(each.value, str) for each in node.args)
    wanted = 1 if node.name == "join" else 0
    if node.name not in _FILTERS or node.node is None:
        yield Flaw(node.lineno, f"there is no filter `{node.name}` in letters. {_CAN}")
    elif not is_plain or len(node.args) != wanted or node.kwargs or node.dyn_args or node.dyn_kwargs:
        yield Flaw(node.lineno, f"write the filter as `| {_FILTERS[node.name]}`.")


def _for(node: nodes.For, names: Names, includable: Mapping[str, str], *, is_looped: bool) -> Iterator[Flaw]:
    target, over = node.target, node.iter
    if is_looped:
        yield Flaw(node.lineno, "a loop cannot stand in another loop.")
        return
    if not isinstance(over, nodes.Name) or over.name not in names.lists or node.recursive or node.test is not None:
        wanted = ", ".join(sorted(names.lists)) or "there is none in this process"
        yield Flaw(node.lineno, f"a loop goes over a list of the handover only ({wanted}).")
    if not isinstance(target, nodes.Name) or target.name in names:
        yield Flaw(node.lineno, "a loop needs one new name: `{% for each in the_list %}`.")
        return
    for each in (*node.body, *node.else_):
        yield from _walk(each, names, includable, frozenset({target.name}), is_looped=True)


def _include(node: nodes.Include, includable: Mapping[str, str], *, is_looped: bool) -> Iterator[Flaw]:
    wanted = node.template.value if isinstance(node.template, nodes.Const) else None
    if not isinstance(wanted, str) or wanted not in includable or node.ignore_missing or not node.with_context:
        known = ", ".join(f'"{name}"' for name in sorted(includable)) or "there is none"
        yield Flaw(node.lineno, f"a letter can include another letter of its process only, by its name ({known}).")
    elif is_looped:
        yield Flaw(node.lineno, "a letter is included once, not in a loop.")


def includes_others(text: str) -> bool:
    """Tell whether a text includes another letter; one that cannot be parsed is taken to."""
    try:
        return next(_PARSER.parse(text).find_all(nodes.Include), None) is not None
    except (jinja2.TemplateSyntaxError, RecursionError):
        return True
