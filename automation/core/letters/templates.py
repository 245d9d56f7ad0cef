"""The Jinja2 text of a letter: what it may hold. What is not on the list cannot be in a letter.

A letter that only prints values, asks conditions and goes over lists that people wrote can neither run for ever nor
reach out of itself; so nothing has to be stopped when it is filled in.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field

import jinja2
from jinja2 import nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

_PARSER = ImmutableSandboxedEnvironment(autoescape=False)
_FILTERS = {"date": "date", "join": 'join(", ")', "lower": "lower"}
_PLAIN = (nodes.Template, nodes.TemplateData, nodes.Const, nodes.Operand, nodes.And, nodes.Or, nodes.Not)
_CONDITIONS = (nodes.And, nodes.Or, nodes.Not, nodes.Compare)
# Deeper than any letter needs, and far less deep than what Jinja2 and Python can compile.
_DEEPEST = 20
_MOST_BRANCHES = 30
# What people typed must not decide where a link leads that others wrote.
_TARGET = re.compile(r"\](?:\(|:)\s{0,20}[^)\s]{0,200}\{[{%]")
# Markdown is the only markup of a letter: a tag would be seen by nobody, and could end what the letter is shown in.
_TAG = re.compile(r"<(?!https://)[A-Za-z/!?]")
_MENTION = re.compile(r"(?<![\w.+/-])@\w")
_COMPARED = (
    'only fields are compared, and like this: cause == "Churn", cause in ["Churn", "Other"] or "Churn" in cause.'
)
_REMARK = re.compile(r"\{#.*?#\}", re.DOTALL)
_CAN = "A letter prints values, and knows if, for (over a list), include and the filters date, join and lower."


@dataclass(frozen=True, slots=True)
class Names:
    """What a letter may name: the fields of its process that hold one thing, those that hold a list, the roles.

    ``dates`` are those of the values that are dates, ``choices`` what may be chosen, by key.
    """

    values: Collection[str]
    lists: Collection[str]
    roles: Collection[str]
    dates: Collection[str] = ()
    choices: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __contains__(self, name: str) -> bool:
        return name in self.values or name in self.lists or name in self.roles


@dataclass(frozen=True, slots=True)
class Flaw:
    """What is wrong with a template: a sentence, and the line in it, from 1."""

    line: int
    message: str


_TOO_MUCH = Flaw(1, "this is nested too deeply, or has a number that is too long.")


def find_flaws(text: str, names: Names, includable: Mapping[str, str]) -> tuple[Flaw, ...]:
    """Find everything in a template that a letter must not have. *includable* are the texts of letters by name."""
    try:
        tree = _PARSER.parse(text)
    except jinja2.TemplateSyntaxError as error:
        return (Flaw(error.lineno, f"{(error.message or 'this is not Jinja2').rstrip('.')}.{_advise(text)}"),)
    except (RecursionError, ValueError):
        return (_TOO_MUCH,)
    try:
        flaws = (*_walk(tree, _Scope(names, includable)), *_repeated(tree), *_marks(_without_remarks(text)))
    except RecursionError:
        return (_TOO_MUCH,)
    return tuple(dict.fromkeys(sorted(flaws, key=lambda flaw: flaw.line)))


def _advise(text: str) -> str:
    if re.search(r"[“”‘’„]", text):
        return ' Are there curly quotes in it? Write straight ones: "cse-role".'
    return " A value is called by its key in the schema, such as {{ handover_date }}, not by its label."


def _without_remarks(text: str) -> str:
    """Blank out what is a remark for colleagues, line by line."""
    return _REMARK.sub(lambda match: re.sub(r"[^\n]", " ", match[0]), text)


def _marks(text: str) -> Iterator[Flaw]:
    """Yield what a letter must not have in its Markdown."""
    for pattern, message in (
        (_TARGET, "a value cannot be the target of a link; write it alone."),
        (_TAG, "a letter has no HTML, and this would not be seen; a value is written {{ customer }}."),
        (_MENTION, "a name after @ would call somebody in GitLab; write the name alone."),
    ):
        for match in pattern.finditer(text):
            yield Flaw(text[: match.start()].count("\n") + 1, message)


def _repeated(tree: nodes.Template) -> Iterator[Flaw]:
    """Yield letters that are included again: once is enough, and a thousand times is a very long letter."""
    seen: set[object] = set()
    for each in tree.find_all(nodes.Include):
        name = each.template.value if isinstance(each.template, nodes.Const) else None
        if name in seen:
            yield Flaw(each.lineno, f"`{name}` is included already.")
        seen.add(name)


def find_names(text: str, includable: Mapping[str, str]) -> frozenset[str]:
    """Return every name that a template without flaws speaks of, in what it includes too."""
    tree = _PARSER.parse(text)
    found = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "load"}
    for each in tree.find_all(nodes.Include):
        if isinstance(each.template, nodes.Const):
            found |= find_names(includable[each.template.value], {})
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class _Scope:
    """Where a part of a template stands: how deep, in which loop ("" in none), with which names and other letters."""

    names: Names
    includable: Mapping[str, str]
    loop: str = ""
    depth: int = 0

    def inner(self, loop: str = "") -> _Scope:
        return _Scope(self.names, self.includable, loop or self.loop, self.depth + 1)


def _walk(node: nodes.Node, scope: _Scope) -> Iterator[Flaw]:
    """Yield the flaws of *node*."""
    if scope.depth > _DEEPEST:
        yield Flaw(node.lineno, "this is nested too deeply.")
    elif isinstance(node, nodes.Name):
        yield from _name(node, scope)
    elif isinstance(node, nodes.Getattr):
        yield from _attribute(node, scope)
    elif isinstance(node, nodes.Output):
        for each in node.nodes:
            yield from _printed(each, scope)
    elif isinstance(node, nodes.Filter):
        yield from _filter(node, scope)
    elif isinstance(node, nodes.If):
        yield from _if(node, scope)
    elif isinstance(node, nodes.For):
        yield from _for(node, scope)
    elif isinstance(node, nodes.Include):
        yield from _include(node, scope)
    elif isinstance(node, nodes.Compare):
        yield from _compare(node, scope)
    elif isinstance(node, _PLAIN):
        for child in node.iter_child_nodes():
            yield from _walk(child, scope.inner())
    else:
        yield Flaw(node.lineno or 1, f"a letter cannot hold this ({type(node).__name__.lower()}). {_CAN}")


def _printed(node: nodes.Node, scope: _Scope) -> Iterator[Flaw]:
    """Yield what is wrong with something printed: a list, or a date, would come out as the program writes it."""
    if isinstance(node, nodes.Name) and node.name in scope.names.lists:
        yield Flaw(node.lineno, f'`{node.name}` is a list: write {{{{ {node.name} | join(", ") }}}}, or go over it.')
    elif isinstance(node, nodes.Name) and node.name in scope.names.dates:
        yield Flaw(node.lineno, f"`{node.name}` is a date: write {{{{ {node.name} | date }}}}.")
    elif isinstance(node, _CONDITIONS) or (isinstance(node, nodes.Const) and not isinstance(node.value, str)):
        yield Flaw(node.lineno, f"a letter prints values only. {_CAN}")
    else:
        yield from _walk(node, scope.inner())


def _name(node: nodes.Name, scope: _Scope) -> Iterator[Flaw]:
    if node.name not in scope.names and node.name != scope.loop:
        yield Flaw(node.lineno, f"there is no field or role `{node.name}` in this process.")


def _attribute(node: nodes.Getattr, scope: _Scope) -> Iterator[Flaw]:
    is_role = isinstance(node.node, nodes.Name) and node.node.name in scope.names.roles
    if not is_role or node.attr != "first_name":
        yield Flaw(node.lineno, f"a letter cannot read `.{node.attr}`; only a role has one, `.first_name`.")


def _filter(node: nodes.Filter, scope: _Scope) -> Iterator[Flaw]:
    is_plain = all(isinstance(each, nodes.Const) and isinstance(each.value, str) for each in node.args)
    wanted = 1 if node.name == "join" else 0
    is_list = isinstance(node.node, nodes.Name) and node.node.name in scope.names.lists
    if node.name not in _FILTERS or node.node is None:
        yield Flaw(node.lineno, f"there is no filter `{node.name}` in letters. {_CAN}")
    elif not is_plain or len(node.args) != wanted or node.kwargs or node.dyn_args or node.dyn_kwargs:
        yield Flaw(node.lineno, f"write the filter as `| {_FILTERS[node.name]}`.")
    elif (node.name == "join") is not is_list:
        yield Flaw(node.lineno, f"`{node.name}` is for {'a list' if node.name == 'join' else 'one value'}.")
    elif not is_list and not isinstance(node.node, nodes.Name | nodes.Getattr | nodes.Filter):
        yield Flaw(node.lineno, "a filter stands behind the name of a value.")
    else:
        yield from _walk(node.node, scope.inner())


def _if(node: nodes.If, scope: _Scope) -> Iterator[Flaw]:
    if len(node.elif_) > _MOST_BRANCHES:
        yield Flaw(node.lineno, f"a condition has at most {_MOST_BRANCHES} branches.")
        return
    for each in (node.test, *node.body, *node.elif_, *node.else_):
        yield from _walk(each, scope.inner())


def _compare(node: nodes.Compare, scope: _Scope) -> Iterator[Flaw]:
    """Yield what is wrong with a comparison: it must work whatever people typed, and be true of something."""
    (operand, *more) = node.ops
    values = _constants(operand.expr)
    is_in = operand.op in ("in", "notin")
    known = node.expr.name if isinstance(node.expr, nodes.Name) else ""
    is_choice = (
        known in scope.names.values
        and values is not None
        and isinstance(operand.expr, nodes.List | nodes.Tuple) is is_in
    )
    searched = operand.expr.name if isinstance(operand.expr, nodes.Name) else ""
    is_word = isinstance(node.expr, nodes.Const) and isinstance(node.expr.value, str)
    is_search = is_in and is_word and searched in {*scope.names.values, *scope.names.lists}
    if more or operand.op not in ("eq", "ne", "in", "notin") or not (is_choice or is_search):
        yield Flaw(node.lineno, _COMPARED)
        return
    yield from _name(node.expr if is_choice else operand.expr, scope)  # type: ignore[arg-type]
    choices = scope.names.choices.get(known, ())
    for each in values or () if is_choice and choices else ():
        if each not in choices:
            yield Flaw(node.lineno, f"`{known}` has no choice {each!r}; it has {', '.join(choices)}.")


def _constants(node: nodes.Node) -> tuple[str, ...] | None:
    """Return the text or texts that stand there, None where something else does."""
    items = node.items if isinstance(node, nodes.List | nodes.Tuple) else [node]
    found = [each.value for each in items if isinstance(each, nodes.Const) and isinstance(each.value, str)]
    return tuple(found) if len(found) == len(items) else None


def _for(node: nodes.For, scope: _Scope) -> Iterator[Flaw]:
    target, over, names = node.target, node.iter, scope.names
    if scope.loop:
        yield Flaw(node.lineno, "a loop cannot stand in another loop.")
        return
    if not isinstance(over, nodes.Name) or over.name not in names.lists or node.recursive or node.test is not None:
        wanted = ", ".join(sorted(names.lists)) or "there is none in this process"
        yield Flaw(node.lineno, f"a loop goes over a list of the handover only ({wanted}).")
    if not isinstance(target, nodes.Name) or target.name in names or target.name == "loop":
        yield Flaw(node.lineno, "a loop needs one new name: `{% for each in the_list %}`.")
        return
    for each in node.body:
        yield from _walk(each, scope.inner(target.name))
    for each in node.else_:
        yield from _walk(each, scope.inner())


def _include(node: nodes.Include, scope: _Scope) -> Iterator[Flaw]:
    wanted = node.template.value if isinstance(node.template, nodes.Const) else None
    if not isinstance(wanted, str) or wanted not in scope.includable or node.ignore_missing or not node.with_context:
        known = ", ".join(f'"{name}"' for name in sorted(scope.includable)) or "there is none"
        yield Flaw(node.lineno, f"a letter can include another letter of its process only, by its name ({known}).")
    elif scope.loop:
        yield Flaw(node.lineno, "a letter is included once, not in a loop.")


def find_included(text: str) -> frozenset[str]:
    """Return the names of the letters that a template without flaws includes."""
    included = _PARSER.parse(text).find_all(nodes.Include)
    return frozenset(str(each.template.value) for each in included if isinstance(each.template, nodes.Const))


def includes_others(text: str) -> bool:
    """Tell whether a text includes another letter; one that cannot be parsed is taken to."""
    try:
        return next(_PARSER.parse(text).find_all(nodes.Include), None) is not None
    except (jinja2.TemplateSyntaxError, RecursionError, ValueError):
        return True
