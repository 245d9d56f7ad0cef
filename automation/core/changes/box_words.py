"""Say in plain words what becomes of a box."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping

from automation.core.changes.model import Pair, gained, listed, quoted, told_apart
from automation.core.model import Process
from automation.core.role_names import signer_names

_KINDS = {
    "done": "must be ticked, and can no longer be marked as not applicable",
    "done-or-not-applicable": "may be marked as not applicable, with a reason",
    "box": "is asked for under a condition only",
    "advice": "is only recommended from now on",
}


def say_box(pair: Pair, aspect: str) -> str:
    """Say what changes in one aspect of a box, by the names of `read_rules`."""
    sayer = _SAYERS.get(aspect)
    return sayer(pair) if sayer is not None else f"A rule of box {pair.name} changes."


def say_new_box(process: Process, code: str) -> str:
    """Say what a box that was not there before asks for."""
    item = process.items[code]
    kind = process.schema["properties"][item.section]["properties"][code].get("x-kind", "")
    if item.is_advisory:
        return f"Box {code} is new, and recommended only: {quoted(item.title)}."
    if item.is_forbidden:
        return f"Box {code} is new, and records what is banned: {quoted(item.title)}."
    need = "asked for under a condition" if kind == "box" else "required"
    signed = f", signed by {_signers(process, item.signed_by)}" if item.signed_by else ""
    return f"Box {code} is new and {need}{signed}: {quoted(item.title)}."


def _signers(process: Process, roles: tuple[str, ...]) -> str:
    return listed(signer_names(process, roles), "or")


def _kind(pair: Pair) -> str:
    if pair.before == "advice":
        return f"Box {pair.name} becomes required; until now it was only recommended."
    return f"Box {pair.name} {_KINDS.get(pair.after, 'is judged in another way')}."


def _required(pair: Pair) -> str:
    return f"Box {pair.name} {'becomes' if pair.after else 'is no longer'} required."


def _signed_by(pair: Pair) -> str:
    if not pair.after:
        return f"Box {pair.name} needs no signature any more; anybody may tick it."
    now = _signers(pair.new, pair.new.items[pair.name].signed_by)
    if not pair.before:
        return f"Box {pair.name} counts only when it is signed by {now}."
    return (
        f"Box {pair.name} is now signed by {now} instead of {_signers(pair.old, pair.old.items[pair.name].signed_by)}."
    )


def _signs_for(pair: Pair) -> str:
    more = [_part(pair.new, each) for each in gained(pair.before, pair.after)]
    less = [_part(pair.old, each) for each in gained(pair.after, pair.before)]
    said = [f"covers {listed(more)} as well"] if more else []
    said += [f"no longer covers {listed(less)}"] if less else []
    return f"The signature in box {pair.name} {listed(said)}: a change there afterwards voids it."


def _needs(pair: Pair) -> str:
    return _more_or_less(
        pair,
        "can be ticked only when {} filled in",
        "no longer needs {} filled in",
        lambda process, key: quoted(process.fields[key].title),
    )


def _after(pair: Pair) -> str:
    return _more_or_less(pair, "must be ticked after box {}", "need not wait for box {} any more", lambda _, code: code)


def _more_or_less(pair: Pair, more: str, less: str, name: Callable[[Process, str], str]) -> str:
    come = [name(pair.new, each) for each in gained(pair.before, pair.after)]
    gone = [name(pair.old, each) for each in gained(pair.after, pair.before)]
    is_are = {True: "{} is", False: "{} are"}
    said = (
        [more.replace("{}", is_are[len(come) == 1] if "filled" in more else "{}").format(listed(come))] if come else []
    )
    said += [less.format(listed(gone))] if gone else []
    return f"Box {pair.name} {listed(said)}."


def _silent(pair: Pair) -> str:
    if pair.after is None:
        return f"Box {pair.name} may be marked as not applicable in any case."
    about = json.loads(pair.after)
    title = quoted(pair.new.fields[about["field"]].title) if about["field"] in pair.new.fields else about["field"]
    return f"Box {pair.name} cannot be not applicable where {title} lies {about['months']} months back or more."


def _forbids(pair: Pair) -> str:
    return f"Box {pair.name} {'records from now on what' if pair.after else 'no longer records what'} is banned."


def _words(pair: Pair) -> str:
    if not pair.before or not pair.after:
        return f"The words of box {pair.name} are {'' if pair.after else 'no longer '}part of what is signed."
    return f"Box {pair.name}, which is signed, reads differently: {told_apart(pair.before, pair.after)}."


def _section(pair: Pair) -> str:
    return f"Box {pair.name} moves from {_part(pair.old, pair.before)} to {_part(pair.new, pair.after)}."


def _part(process: Process, key: str) -> str:
    section = process.schema["properties"].get(key)
    return quoted(section["title"] if section else key)


_SAYERS: Mapping[str, Callable[[Pair], str]] = {
    "part": _section,
    "kind": _kind,
    "required": _required,
    "signers": _signed_by,
    "signs for": _signs_for,
    "needs": _needs,
    "after": _after,
    "silent": _silent,
    "forbids": _forbids,
    "words": _words,
}
