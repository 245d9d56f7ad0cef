"""What a page says of one line and of one box: Field, Item -> plain values for the prose."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from automation.core.model import Field, Item, Process
from automation.core.pages.conditions import named
from automation.core.pages.demands import Demands, may_be_left_out
from automation.core.role_names import role_name, signer_names


def field_facts(process: Process, field: Field, demands: Demands) -> dict[str, Any]:
    """Return what to write into a line and when it is needed.

    ``need`` is "always", "sometimes" (``when``: under any of these conditions; ``for_boxes``: before one of these boxes
    is ticked) or "never". ``least`` and ``most`` are numbers, or how many entries a list has; None where none are set.
    """
    about = process.schema["properties"][field.section]["properties"][field.key]
    is_always = field.key in demands.always or _goes_with_stage(process, field, demands)
    when = () if is_always else demands.when(field.key)
    for_boxes = () if is_always else tuple(_boxes_that_need(process, field, demands))
    is_list = field.kind == "list"
    choices = about.get("enum") or about.get("items", {}).get("enum") or ()
    return {
        "title": field.title,
        "kind": "date-or-never" if about.get("x-kind") == "date-or-never" else about.get("x-kind") or field.kind,
        "choices": [each for each in choices if each not in field.forbidden_values],
        "least": about.get("minItems" if is_list else "minimum"),
        "most": about.get("maxItems" if is_list else "maximum"),
        "letters": about.get("maxLength"),
        "need": "always" if is_always else "sometimes" if when or for_boxes else "never",
        "when": when,
        "for_boxes": for_boxes,
        "others": [process.fields[key].title for key in field.not_same_as],
        "held_by": role_name(process, field.held_by) if field.held_by else "",
        "not_before": [_name(process, name) for name in field.not_before],
        "forbidden": field.forbidden_values,
        "hint": field.hint,
        "source": field.source,
    }


def box_facts(process: Process, item: Item, demands: Demands) -> dict[str, Any]:
    """Return the words of a box, who signs it and what for, what comes before it, when it applies."""
    sections = process.schema["properties"]
    return {
        "code": item.code,
        "title": item.title,
        "signers": signer_names(process, item.signed_by),
        "covers": [sections[key]["title"] for key in item.signs_for],
        "needs": [named(process.fields[key].title) for key in item.needs],
        "after": item.after,
        "when": () if _goes_with_stage(process, item, demands) else demands.when(item.code),
        "may_be_left_out": may_be_left_out(process, item),
        "silent": {"field": process.fields[item.silent[0]].title, "months": item.silent[1]} if item.silent else None,
        "hint": item.hint,
        "source": item.source,
    }


def _goes_with_stage(process: Process, thing: Field | Item, demands: Demands) -> bool:
    """Tell whether something is needed just when its stage asks for anything at all: that is said of the stage."""
    stage = process.stages[process.stage_of(thing.section)]
    name = thing.key if isinstance(thing, Field) else thing.code
    return bool(demands.when(name)) and demands.when(name) == demands.of_stage(process, stage)


def _boxes_that_need(process: Process, field: Field, demands: Demands) -> Iterator[str]:
    """Yield the boxes that need a line, but for those asked for under the same conditions as the line."""
    for item in process.items.values():
        when = demands.when(item.code)
        if field.key in item.needs and not item.is_advisory and not (when and when == demands.when(field.key)):
            yield item.code


def _name(process: Process, name: str) -> str:
    """Return a box by its code, a field by its title."""
    return name if name in process.items else named(process.fields[name].title)
