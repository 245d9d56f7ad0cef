"""Who works where: the activity that an issue names puts its own people into the stages that follow it (S4-12)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from automation.core.model import Activities, Activity, Document, Item, Process, Stage

Place = tuple[str | int, ...]
Found = tuple[Place, str]


def settle_roles(process: Process, document: Document) -> Process:
    """Return *process* with the people of the activity that the issue names.

    In a stage that follows the activity, its row says who is responsible, accountable, consulted and informed, and of
    the signers of a box only those who are responsible for the activity may sign. As long as no activity is named, the
    process stays as it is: a gate before asks for it.
    """
    activities = process.activities
    if activities is None or activities.chosen_by not in process.fields:
        return process
    row = activities.row(document.value_of(process.fields[activities.chosen_by]))
    if row is None:
        return process
    following = [stage.key for stage in process.stages if stage.follows_activity]
    return replace(
        process,
        stages=tuple(
            _with_people(stage, row, is_first=stage.key == following[0]) if stage.follows_activity else stage
            for stage in process.stages
        ),
        items={
            code: replace(item, signed_by=_signers(item, row)) if item.section in following else item
            for code, item in process.items.items()
        },
    )


def _with_people(stage: Stage, row: Activity, *, is_first: bool) -> Stage:
    """Put the people of *row* to work; whoever is informed of the activity is so once, however many stages it has."""
    return replace(
        stage,
        responsible=row.roles("R"),
        accountable=row.roles("A"),
        consulted=row.roles("C"),
        informed=row.roles("I") if is_first else (),
    )


def _signers(item: Item, row: Activity) -> tuple[str, ...]:
    return row.roles("A") if item.signed_by else ()


# --- is the table one that can be followed? ---------------------------------------------------------------------------


def judge_activities(process: Process) -> Iterator[Found]:
    """Find rows that do not fit the stages and boxes they speak of; each with its place and what to write."""
    activities = process.activities
    following = [stage for stage in process.stages if stage.follows_activity]
    if activities is None:
        for stage in following:
            yield ("properties", stage.key, "x-stage"), "`follows_activity` needs a table: add `x-activities`."
        return
    roles = {field.role for field in process.fields.values() if field.role}
    for role in activities.roles:
        if role not in roles:
            yield ("x-activities", "roles"), f"the role `{role}` has no field with `x-role` in this schema."
    for number, row in enumerate(activities.rows):
        place: Place = ("x-activities", "rows", number)
        unknown = sorted(set(row.cells) - set(activities.roles))
        if unknown:
            yield (*place, "cells"), f"`{unknown[0]}` is none of the columns in `roles`."
        yield from ((place, message) for message in _judge_row(process, row))
    yield from _judge_choice(process, activities, following)


def _judge_row(process: Process, row: Activity) -> Iterator[str]:
    stage = next((each for each in process.stages if each.key == row.stage), None)
    if not row.stage:
        return
    if stage is None:
        yield f"there is no stage `{row.stage}`."
    elif row.boxes:
        yield from _judge_boxes(process, row, stage)
    else:
        for name, letter, theirs in (
            ("responsible", "R", stage.responsible),
            ("accountable", "A", stage.accountable),
            ("consulted", "C", stage.consulted),
            ("informed", "I", stage.informed),
        ):
            if set(theirs) != set(row.roles(letter)):
                wanted = ", ".join(row.roles(letter)) or "nobody"
                yield f"{name} for “{row.title}” is {wanted}; the stage `{stage.key}` says otherwise: make them equal."


def _judge_boxes(process: Process, row: Activity, stage: Stage) -> Iterator[str]:
    signers: set[str] = set()
    for code in row.boxes:
        item = process.items.get(code)
        if item is None or item.section != stage.key:
            yield f"the stage `{stage.key}` has no box {code}."
        elif not item.signed_by:
            yield f"the box {code} is an activity of its own, so somebody who is accountable for it must sign it."
        else:
            signers |= set(item.signed_by)
    if signers and signers != set(row.roles("A")):
        wanted = ", ".join(row.roles("A")) or "nobody"
        yield f"accountable for “{row.title}” is {wanted}; exactly they must sign its boxes."
    present = {*stage.responsible, *stage.accountable, *stage.informed}
    for role in row.roles("I"):
        if role not in present:
            yield f"`{role}` is informed of “{row.title}”, so it must be informed of the stage `{stage.key}`."


def _judge_choice(process: Process, activities: Activities, following: list[Stage]) -> Iterator[Found]:
    place: Place = ("x-activities", "chosen_by")
    if not activities.chosen_by:
        for stage in following:
            yield ("properties", stage.key, "x-stage"), "`follows_activity` needs `chosen_by` in `x-activities`."
        return
    field = process.fields.get(activities.chosen_by)
    if field is None or set(field.choices) != {row.title for row in activities.rows}:
        yield (
            place,
            f"`{activities.chosen_by}` must be a field whose `enum` is the titles of the rows, no more, no less.",
        )
        return
    leaders: set[str] = set()
    for number, row in enumerate(activities.rows):
        if row.title in field.forbidden_values:
            continue
        leaders |= set(row.roles("A"))
        if not row.roles("R") or not row.roles("A"):
            yield ("x-activities", "rows", number), f"“{row.title}” has nobody who is responsible for it."
    keys = {stage.key for stage in following}
    for code, item in process.items.items():
        if item.section in keys and item.signed_by and set(item.signed_by) != leaders:
            where = ("properties", item.section, "properties", code, "x-signed-by")
            yield where, f"the box {code} follows the activity: write all who lead one: {', '.join(sorted(leaders))}."
