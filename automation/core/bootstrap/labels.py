"""Labels: what is missing is made, what drifted is repaired, a renamed one keeps its issues; nothing is deleted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence

from automation.core.bootstrap.steps import Change, ChangeLabel, Home, MakeLabel, Place, Plan, Remark, Step
from automation.core.bootstrap.wanted import WantedLabel
from automation.core.installation import Label
from automation.core.words import quote

# So many names of labels stand in one sentence.
_SHOWN = 5
_SHORT_COLOR = re.compile(r"#[0-9a-f]{3}")


def label_key(name: str) -> str:
    """Return the key of the step after which there is a label called *name*."""
    return f"label {name}"


def plan_labels(place: Place, wanted: Sequence[WantedLabel], found: Iterable[Label]) -> Plan:
    """Plan the labels of *place*.

    A label of a group above serves as it is. A former name is changed into the new one, so that issues and boards keep
    the label; where both are there, a person decides. Labels that the schemas do not know are never touched.
    """
    there = _by_name(found)
    renamed = plan_renames(wanted, there.values())
    left_over = frozenset(there) - {label.name for label in wanted} - set(renamed)
    return Plan(
        tuple(step for label in wanted for step in _steps(place, label, there, renamed)),
        tuple(remark for label in wanted for remark in _remarks(place, label, there, left_over)),
    )


def plan_renames(wanted: Sequence[WantedLabel], found: Iterable[Label]) -> dict[str, str]:
    """Return which labels are to be renamed, former name -> new name.

    A name that some version of a process still has is no former one.
    """
    there = _by_name(found)
    still_wanted = {label.name for label in wanted}
    renamed: dict[str, str] = {}
    for label in wanted:
        own = [
            name
            for name in label.former_names
            if name in there and there[name].is_own and name not in still_wanted and name not in renamed
        ]
        if own and label.name not in there:
            renamed[own[0]] = label.name
    return renamed


def _by_name(found: Iterable[Label]) -> dict[str, Label]:
    """Key labels by name; where a group above has one of the same name, the place's own counts."""
    return {label.name: label for label in sorted(found, key=lambda each: (each.is_own, -each.id))}


def _steps(place: Place, wanted: WantedLabel, there: Mapping[str, Label], renamed: Mapping[str, str]) -> Iterator[Step]:
    former = next((name for name, to in renamed.items() if to == wanted.name), "")
    label = there.get(former or wanted.name)
    what, key = f"label {wanted.name}", label_key(wanted.name)
    if label is None:
        yield Step(key, place, what, MakeLabel(wanted), True, tuple(_content(place, wanted)))
    elif label.is_own:
        changes = tuple(_changes(place, wanted, label))
        content: dict[str, object] = {each.name: each.after for each in changes}
        if former:
            changes = (Change("name", former, wanted.name), *changes)
            yield Step(key, place, what, ChangeLabel(label.id, {"new_name": wanted.name, **content}), False, changes)
        elif changes:
            yield Step(f"change of {key}", place, what, ChangeLabel(label.id, content), False, changes)


def _content(place: Place, wanted: WantedLabel) -> Iterator[Change]:
    yield Change("color", None, wanted.color)
    if wanted.priority is not None and not place.is_group:
        yield Change("priority", None, wanted.priority)
    yield Change("description", None, wanted.description)


def _changes(place: Place, wanted: WantedLabel, label: Label) -> Iterator[Change]:
    if _plain(label.color) != _plain(wanted.color):
        yield Change("color", label.color, wanted.color)
    if label.description.strip() != wanted.description:
        yield Change("description", label.description, wanted.description)
    if label.priority != wanted.priority and not place.is_group:
        yield Change("priority", label.priority, wanted.priority)


def _plain(color: str) -> str:
    """Write a colour in one way: #abc is #aabbcc."""
    color = color.strip().casefold()
    return "#" + "".join(2 * digit for digit in color[1:]) if _SHORT_COLOR.fullmatch(color) else color


def _remarks(
    place: Place, wanted: WantedLabel, there: Mapping[str, Label], left_over: frozenset[str]
) -> Iterator[Remark]:
    name = quote(wanted.name)
    if wanted.name in there and there[wanted.name].is_archived:
        yield Remark(place, f"The label {name} is archived: take it out of the archive, under Manage › Labels.")
    for former in wanted.former_names:
        if former in left_over and there[former].is_own:
            yield Remark(
                place,
                f"The label {quote(former)} is now called {name}, and both are there. Triage takes the former one off"
                " open handovers; delete it when nothing carries it any more.",
            )
        elif former in left_over and wanted.name not in there:
            yield Remark(
                place,
                f"The label {quote(former)} of a group above is now called {name}: rename it there, under the group's"
                " Manage › Labels, before ours is made beside it: then issues and boards keep it.",
            )
        elif former in left_over:
            yield Remark(
                place,
                f"The label {quote(former)} of a group above is now called {name}, and both are there. Triage takes the"
                " former one off open handovers.",
            )
    for other in there:
        is_former = other in wanted.former_names
        if other != wanted.name and other.casefold() == wanted.name.casefold() and not is_former:
            yield Remark(
                place, f"The label {quote(other)} differs from ours, {name}, only in its capitals: it is another one."
            )


def plan_doubled(home: Home, wanted: Iterable[WantedLabel], above: Iterable[Label], group: str) -> Plan:
    """Tell which labels of *home* the group *group*, in whose projects the handovers lie, has or gets too.

    GitLab promotes a label only to the group that the project is in, and only as long as that has none of the name.
    """
    names = {label.name for label in wanted}
    doubled = sorted(label.name for label in home.labels if label.is_own and label.name in names)
    if not doubled:
        return Plan()
    shown = ", ".join(quote(name) for name in doubled[:_SHOWN])
    more = f" and {len(doubled) - _SHOWN} more" if len(doubled) > _SHOWN else ""
    is_free = not {label.name for label in above} & set(doubled)
    if is_free and home.facts.group.casefold() == group.casefold():
        repair = (
            "Promote each of them before the group gets its own (Manage › Labels › Promote to group label): then issues"
            " and boards keep it."
        )
    else:
        repair = "Delete them under Manage › Labels: the next run of triage puts the group's on open handovers."
    message = f"The project has labels of its own that the group has or gets too: {shown}{more}. {repair}"
    return Plan(remarks=(Remark(home.place, message),))
