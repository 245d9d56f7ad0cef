"""Hold the document against the schema: every error becomes a finding that names box, person and repair."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from automation.core.model import Document, Field, Finding, Item, Process, Stage
from automation.core.people import TERRITORY, Directory, territory_of
from automation.core.words import quote


@dataclass(frozen=True, slots=True)
class Fault:
    """A finding that keeps the gate of stage number *place* shut.

    ``is_box``: the gate lacks nothing but a tick. ``is_role``: it is about a person in a role field.
    """

    place: int
    finding: Finding
    is_box: bool = False
    is_role: bool = False


def unasked_boxes(process: Process, document: Document) -> frozenset[str]:
    """Return the boxes that this issue does not ask for: their condition does not hold.

    Whatever state they have matters to nobody; so those that are not open are held against the schema as if they were.
    """
    conditional = {code: item for code, item in process.items.items() if is_conditional(process, item)}
    if not conditional:
        return frozenset()
    as_open = {section: dict(found) for section, found in document.data.items()}
    for code, item in conditional.items():
        as_open[item.section][code] = {"state": "open", "reason": None}
    asked = {
        str(error.absolute_path[1]) for error in process.validator.iter_errors(as_open) if len(error.absolute_path) > 1
    }
    return frozenset(conditional) - asked


def judge_document(
    process: Process, document: Document, directory: Directory, unasked: frozenset[str] = frozenset()
) -> tuple[Fault, ...]:
    """Return all that the text alone shows to be wrong or missing, in the order of stages, then of lines.

    *unasked* are the boxes whose condition does not hold: a tick there needs no facts.
    """
    faults: dict[tuple[str, str], Fault] = {}
    for key, fault in (
        *_duplicates(process, document),
        *_absent_items(process, document),
        *_forbidden(process, document),
        *_needed_facts(process, document, unasked),
        *_role_faults(process, document, directory),
        *_schema_errors(process, document),
    ):
        faults.setdefault(key, fault)
    return tuple(sorted(faults.values(), key=lambda fault: fault.place))


_Keyed = tuple[tuple[str, str], Fault]


def box_finding(code: str, item: Item, stage: Stage, document: Document, **more: Any) -> Finding:
    """Build a finding about a box; who must act are its signers, or else the people responsible for the stage."""
    facts = {"code": item.code, "title": item.title, "hint": item.hint, **more.pop("facts", {})}
    return Finding(
        code=code,
        words=more.pop("words", code),
        facts=facts,
        item=item.code,
        line=document.lines.get(item.code, 0),
        roles=more.pop("roles", item.signed_by or stage.responsible),
        source=item.source,
        **more,
    )


def field_finding(code: str, field: Field, stage: Stage, document: Document, **more: Any) -> Finding:
    facts = {"label": field.title, "hint": field.hint, **more.pop("facts", {})}
    return Finding(
        code=code,
        words=more.pop("words", code),
        facts=facts,
        field=field.key,
        line=document.lines.get(field.key, 0),
        roles=stage.responsible,
        source=field.source,
        **more,
    )


# --- what the text shows ----------------------------------------------------------------------------------------------


def _duplicates(process: Process, document: Document) -> Iterator[_Keyed]:
    for key, lines in document.duplicated.items():
        facts = {"lines": " and ".join(str(line) for line in lines[:5])}
        item = process.items.get(key)
        if item is not None and item.is_advisory:
            continue
        if item is not None:
            place = process.stage_of(item.section)
            finding = box_finding("item-duplicated", item, process.stages[place], document, facts=facts)
            yield (item.section, key), Fault(place, finding)
            continue
        field = process.fields[key]
        place = process.stage_of(field.section)
        finding = field_finding("field-duplicated", field, process.stages[place], document, facts=facts)
        if not field.is_advisory:
            yield (field.section, key), Fault(place, finding)


def _absent_items(process: Process, document: Document) -> Iterator[_Keyed]:
    """Yield the boxes that are gone; one that is asked for under a condition only is missed where that holds."""
    for code, item in process.items.items():
        if code not in document.lines and not item.is_advisory and not is_conditional(process, item):
            place = process.stage_of(item.section)
            yield (item.section, code), Fault(place, box_finding("item-missing", item, process.stages[place], document))


def is_conditional(process: Process, item: Item) -> bool:
    """Tell whether the schema asks for a box under a condition only."""
    kind = process.schema["properties"][item.section]["properties"][item.code].get("x-kind")
    return kind == "box" and not item.is_forbidden and not item.is_advisory


def _forbidden(process: Process, document: Document) -> Iterator[_Keyed]:
    for code, item in process.items.items():
        if item.is_forbidden and document.state_of(item) == "done":
            place = process.stage_of(item.section)
            yield (item.section, code), Fault(place, box_finding("forbidden", item, process.stages[place], document))
    for key, field in process.fields.items():
        value = document.value_of(field)
        if value is not None and value in field.forbidden_values:
            place = process.stage_of(field.section)
            words, facts = "forbidden.field", {"value": quote(value)}
            finding = field_finding("forbidden", field, process.stages[place], document, words=words, facts=facts)
            yield (field.section, key), Fault(place, finding)


def _needed_facts(process: Process, document: Document, unasked: frozenset[str]) -> Iterator[_Keyed]:
    """Yield the blank facts of boxes that are ticked: a tick without its fact is a trap, not work still to do."""
    for item in process.items.values():
        if document.state_of(item) != "done" or item.is_advisory or item.code in unasked:
            continue
        place = process.stage_of(item.section)
        for key in item.needs:
            field = process.fields[key]
            if document.value_of(field) is None and key not in document.duplicated:
                finding = field_finding(
                    "field-blank",
                    field,
                    process.stages[place],
                    document,
                    words="field-blank.ticked",
                    facts={"code": item.code, "title": item.title},
                )
                yield (field.section, key), Fault(place, finding)


# --- people -----------------------------------------------------------------------------------------------------------


def _role_faults(process: Process, document: Document, directory: Directory) -> Iterator[_Keyed]:
    territory = territory_of(process, document)
    if territory is not None and directory.territories and territory.casefold() not in directory.territories:
        field = process.fields[TERRITORY]
        facts = {"value": quote(territory), "known": ", ".join(quote(name) for name in directory.territory_names)}
        words = "field-invalid.territory"
        finding = field_finding("field-invalid", field, process.stages[0], document, words=words, facts=facts)
        yield (field.section, field.key), Fault(process.stage_of(field.section), finding)
    for field in process.fields.values():
        for name in (document.value_of(field) or ()) if field.role else ():
            trouble = _role_trouble(process, document, directory, field, name, territory)
            if trouble is not None:
                place = process.stage_of(field.section)
                words, more = trouble
                finding = field_finding(
                    "role-unknown",
                    field,
                    process.stages[place],
                    document,
                    words=f"role-unknown.{words}",
                    facts={"value": quote(name), "role": field.role, **more},
                )
                if words == "not-member":
                    finding = replace(finding, roles=_others(process, field.role))
                yield (field.section, field.key), Fault(place, finding, is_role=True)


def _others(process: Process, role: str) -> tuple[str, ...]:
    """Return who is responsible beside *role*, first at the beginning, then at the end: they can name a successor."""
    responsible = (*process.stages[0].responsible, *process.stages[-1].responsible)
    return tuple(dict.fromkeys(each for each in responsible if each != role))[:1]


def _role_trouble(
    process: Process, document: Document, directory: Directory, field: Field, name: str, territory: str | None
) -> tuple[str, Mapping[str, str]] | None:
    person = name.casefold()
    for other_key in field.not_same_as:
        other = process.fields[other_key]
        if person in (each.casefold() for each in document.value_of(other) or ()):
            return "both-sides", {"other": other.title}
    if person not in directory.holders_for(field, territory):
        if person in directory.holders_for(field, None):
            return "other-territory", {"territory": quote(territory or "")}
        return "not-in-directory", {}
    return None if directory.is_able(name) else ("not-member", {})


# --- the schema -------------------------------------------------------------------------------------------------------


def _schema_errors(process: Process, document: Document) -> Iterator[_Keyed]:
    for error in process.validator.iter_errors(document.data):
        path = list(error.absolute_path)
        section = str(path[0]) if path else ""
        if len(path) > 1:
            yield from _error_at(process, document, section, str(path[1]), error)
        else:
            yield from _error_of_section(process, document, section, error)


def _error_of_section(process: Process, document: Document, section: str, error: Any) -> Iterator[_Keyed]:
    """Explain an error of a whole section; one that no box or field explains still keeps the gate shut."""
    missing = _missing(error) if section else ()
    for key in missing:
        yield from _error_at(process, document, section, key, error)
    if not missing:
        place = process.stage_of(section) if section else 0
        finding = _rule_finding(process.stages[place], error)
        yield (section, f"{error.validator}{list(error.schema_path)}"), Fault(place, finding)


def _rule_finding(stage: Stage, error: Any) -> Finding:
    title = error.schema.get("title") if isinstance(error.schema, Mapping) else None
    facts = {"rule": quote(title or error.message)}
    return Finding("field-invalid", "field-invalid.rule", facts, roles=stage.responsible, source=stage.source)


def _missing(error: Any) -> Sequence[str]:
    if error.validator == "required":
        return [key for key in error.validator_value if key not in error.instance]
    if error.validator == "dependentRequired":
        wanted = (keys for key, keys in error.validator_value.items() if key in error.instance)
        return [each for keys in wanted for each in keys if each not in error.instance]
    return ()


def _error_at(process: Process, document: Document, section: str, key: str, error: Any) -> Iterator[_Keyed]:
    place = process.stage_of(section)
    stage = process.stages[place]
    if (item := process.items.get(key)) is not None:
        if not item.is_advisory:
            code, is_alarm = _box_error(document, item, error)
            finding = box_finding(code, item, stage, document, is_alarm=is_alarm)
            yield (section, key), Fault(place, finding, is_box=code == "item-open")
    elif (field := process.fields.get(key)) is None:
        # A rule about something that nobody can fill in still keeps the gate shut.
        yield (section, key), Fault(place, _rule_finding(stage, error))
    elif not field.is_advisory:
        is_role = bool(field.role) and document.value_of(field) is None
        yield (section, key), Fault(place, _field_error(document, field, stage, error), is_role=is_role)


def _box_error(document: Document, item: Item, error: Any) -> tuple[str, bool]:
    state = document.state_of(item)
    if state is None:
        return "item-missing", True
    if state != "not-applicable":
        return "item-open", False
    # What is wrong about a box is its state, unless its state is right and only the reason is not.
    return ("not-applicable" if "state" in error.absolute_path else "reason-missing"), True


def _field_error(document: Document, field: Field, stage: Stage, error: Any) -> Finding:
    value = document.value_of(field)
    if value is None:
        if field.role:
            return field_finding(
                "role-unknown",
                field,
                stage,
                document,
                words="role-unknown.blank",
                facts={"role": field.role},
                is_alarm=False,
            )
        words = "field-blank.list" if field.kind == "list" else "field-blank"
        return field_finding("field-blank", field, stage, document, words=words, is_alarm=False)
    facts = {
        "value": quote(value if not isinstance(value, list) else "; ".join(map(str, value))),
        "wanted": quote(_limit(error)),
        "choices": ", ".join(f"`{choice}`" for choice in _choices(field, error)),
        "rule": _hint(error),
    }
    words = f"field-invalid.{_reason(field, error)}"
    return field_finding("field-invalid", field, stage, document, words=words, facts=facts)


def _choices(field: Field, error: Any) -> Sequence[str]:
    """Return what may stand there: of a rule with conditions only what it leaves."""
    if error.validator == "const":
        return (str(error.validator_value),)
    choices = tuple(map(str, error.validator_value)) if error.validator == "enum" else field.choices
    return tuple(each for each in choices if each not in field.forbidden_values)


def _hint(error: Any) -> str:
    """Return the sentence with which a condition of the schema explains itself, "" without one."""
    return str(error.schema.get("x-hint", "")) if isinstance(error.schema, Mapping) and _is_rule(error) else ""


def _is_rule(error: Any) -> bool:
    """Tell whether a condition is not met, rather than the field's own schema."""
    return any(each in ("then", "else", "allOf", "anyOf", "not") for each in error.absolute_schema_path)


def _limit(error: Any) -> str:
    return str(error.validator_value) if isinstance(error.validator_value, int | float | str) else ""


def _reason(field: Field, error: Any) -> str:
    if _hint(error):
        return "rule-of-field"
    if field.kind == "link" and error.schema.get("x-kind") == "link-or-none":
        return "link-or-none"
    if field.kind in ("date", "link", "choice"):
        return field.kind
    if error.validator in ("type", "minimum", "maximum", "minItems", "maxItems"):
        return f"{field.kind}" if error.validator == "type" and field.kind == "integer" else str(error.validator)
    return "other"
