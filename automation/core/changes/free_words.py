"""Say in plain words what may change under the same version: words, labels, who is told, what is only recommended."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from automation.core.changes.box_words import say_new_box
from automation.core.changes.model import Change, Place, gained, listed, quoted, told_apart
from automation.core.changes.rules import canonical
from automation.core.changes.wording import is_same_meaning
from automation.core.model import Item, Process, Stage
from automation.core.role_names import role_names
from automation.core.words import plain_words


def find_free_changes(old: Process, new: Process) -> tuple[Change, ...]:
    """Find what people will notice of a change that touches no rule."""
    return (
        *_of_process(old, new),
        *(change for before, after in _both_stages(old, new) for change in _of_stage(old, new, before, after)),
        *(change for code in (*new.items, *gained(new.items, old.items)) for change in _of_box(old, new, code)),
        *(change for key in (*new.fields, *gained(new.fields, old.fields)) for change in _of_line(old, new, key)),
        *_of_texts(old, new),
    )


def _of_process(old: Process, new: Process) -> Iterator[Change]:
    if old.title != new.title:
        said = f"The process, and its board, are called {quoted(new.title)} instead of {quoted(old.title)}."
        yield Change(said, ("title",))
    if old.template != new.template:
        yield Change(
            f"New handovers are made from the template {quoted(new.template)} instead of {quoted(old.template)}."
        )


def _both_stages(old: Process, new: Process) -> Iterator[tuple[Stage, Stage]]:
    before = {stage.key: stage for stage in old.stages}
    yield from ((before[stage.key], stage) for stage in new.stages if stage.key in before)


def _of_stage(old: Process, new: Process, before: Stage, after: Stage) -> Iterator[Change]:
    place: Place = ("properties", after.key, "x-stage")
    title = quoted(after.title)
    if before.title != after.title:
        yield Change(f"The stage {quoted(before.title)} is called {title}.", place)
    if before.label != after.label:
        said = f"The label of {title} is {quoted(after.label)} instead of {quoted(before.label)}."
        yield Change(said, (*place, "label"))
    for verb, was, becomes in (
        ("asked about", before.consulted, after.consulted),
        ("told of", before.informed, after.informed),
    ):
        more, less = role_names(new, gained(was, becomes)), role_names(old, gained(becomes, was))
        if more:
            yield Change(f"From now on {listed(more)} {_is(more)} {verb} {title}.", place)
        if less:
            yield Change(f"{listed(less)} {_is(less)} no longer {verb} {title}.", place)
    if before.is_told_when_finished != after.is_told_when_finished:
        when = "it is finished" if after.is_told_when_finished else "it begins"
        yield Change(f"Whoever is told of {title} hears of it when {when}.", place)


def _is(names: tuple[str, ...]) -> str:
    return "is" if len(names) == 1 else "are"


def _of_box(old: Process, new: Process, code: str) -> Iterator[Change]:
    before, after = old.items.get(code), new.items.get(code)
    place: Place = ("properties", after.section, "properties", code) if after is not None else ()
    if before is None or after is None:
        yield from _come_or_gone(new, before, after, place)
        return
    is_signed = before.signed_by and after.signed_by
    if plain_words(before.title) != plain_words(after.title):
        differs = f"Box {code} reads differently: {told_apart(before.title, after.title)}."
        vouched = "" if is_same_meaning(before.title, after.title) else " Its x-previously says so."
        said = f"Please read: is box {code} the same box as before?{vouched}"
        yield Change(said if is_signed else f"{differs} {said}", place)
    else:
        more = [quoted(each) for each in gained(_former(old, code), _former(new, code))]
        if more:
            said = f"Box {code} is said to have read {listed(more, 'or')} once. Please read: is that the same box?"
            yield Change(said, place)
    if before.is_advisory and after.is_advisory and not before.signed_by and _bare(old, code) != _bare(new, code):
        yield Change(f"Box {code}, which is only recommended, depends on something else than before.", place)
    if before.hint != after.hint:
        yield Change(f"The hint of box {code} {_says(after.hint)}", place)


def _come_or_gone(new: Process, before: Item | None, after: Item | None, place: Place) -> Iterator[Change]:
    """Say that a box came or went of which no rule tells: one that is only recommended, and that nobody signs."""
    if after is not None and after.is_advisory and not after.signed_by:
        yield Change(say_new_box(new, after.code), place)
    if before is not None and before.is_advisory and not before.signed_by:
        yield Change(f"Box {before.code}, which was only recommended, is no longer there: {quoted(before.title)}.")


def _says(hint: str) -> str:
    return f"says: {quoted(hint)}." if hint else "is no longer there."


def _of_line(old: Process, new: Process, key: str) -> Iterator[Change]:
    before, after = old.fields.get(key), new.fields.get(key)
    place: Place = ("properties", after.section, "properties", key) if after is not None else ()
    if before is None or after is None:
        if after is not None and after.is_advisory:
            yield Change(f"The line {quoted(after.title)} is new, and recommended only.", place)
        if before is not None and before.is_advisory:
            yield Change(f"The line {quoted(before.title)}, which was only recommended, is no longer there.")
        return
    if before.hint != after.hint:
        yield Change(f"The hint of the line {quoted(after.title)} {_says(after.hint)}", place)
    is_advice = before.is_advisory and after.is_advisory
    said = [f"is called {quoted(after.title)}"] if before.title != after.title else []
    said += ["takes something else"] if _bare(old, key) != _bare(new, key) else []
    if is_advice and said:
        yield Change(f"The line {quoted(before.title)}, which is only recommended, {listed(said)}.", place)


def _former(process: Process, code: str) -> list[str]:
    about = process.schema["properties"][process.items[code].section]["properties"][code]
    return list(about.get("x-previously", ()))


def _bare(process: Process, name: str) -> tuple[str, str]:
    """Return where a box or line stands and what it asks for, without its words."""
    section = (process.items.get(name) or process.fields[name]).section
    return section, canonical(process.schema["properties"][section]["properties"][name])


def _of_texts(old: Process, new: Process) -> Iterator[Change]:
    """Say that texts changed that explain the process: its page shows them."""
    if _page_texts(old) != _page_texts(new):
        yield Change("Its page in docs/processes/ explains it in other words.")
    if _table(old) != _table(new):
        yield Change("The table of who does what, on the same page, has changed.")


def _page_texts(process: Process) -> Any:
    schema = process.schema
    hints = [about.get("x-hint") for about in schema["properties"].values()]
    titles = [about["title"] for about in schema["properties"].values() if "x-stage" not in about]
    return [hints, titles, *(schema.get(key) for key in ("description", "x-decided", "x-notes"))]


def _table(process: Process) -> Any:
    found = process.activities
    if found is None:
        return None
    rows = [(row.group, row.title, dict(row.cells), row.stage, row.boxes) for row in found.rows]
    return found.title, found.roles, rows
