"""What bootstrap would make or repair is what is missing: its plan, as lines of the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from automation.core.bootstrap.labels import plan_labels
from automation.core.bootstrap.plan import plan_all_boards
from automation.core.bootstrap.steps import AddList, Found, Home, MakeBoard, MoveList, Plan, Step
from automation.core.bootstrap.wanted import Wanted
from automation.core.bootstrap.webhook import plan_webhook
from automation.core.doctor.check import Check, Group, broken, count, fine, hidden, listing
from automation.core.installation import Unseen
from automation.core.words import quote

_REPAIR = "handover bootstrap --apply"


def judge_setup(wanted: Wanted, found: Found, is_at_once: bool) -> tuple[Check, ...]:
    """Judge labels and boards by what bootstrap would do to them, and the webhook where there is to be one."""
    repair = f"{_REPAIR} --group {found.group}" if found.group else _REPAIR
    checks = [*_judge_labels(wanted, found, repair), *_judge_boards(wanted, found, repair)]
    if found.home is not None and found.home.facts.default_branch and not found.group:
        checks += _judge_webhook(found.home, is_at_once)
    return tuple(checks)


def _judge_labels(wanted: Wanted, found: Found, repair: str) -> Iterator[Check]:
    plan = plan_labels(found.labels_at, wanted.labels, found.labels)
    group: Group = "Labels and boards"
    changed = [step.what.removeprefix("label ") for step in plan.steps]
    if changed:
        is_one = len(changed) == 1
        told = f"{count(len(changed), 'label')} {'is' if is_one else 'are'} missing or changed: {_quoted(changed)}."
        yield broken("labels", group, told, repair)
    archived = [each.name for each in found.labels if each.is_archived and each.name in _names(wanted)]
    if archived:
        told = f"Archived, so that nobody can filter by them: {_quoted(archived)}."
        yield broken("labels-archived", group, told, "Manage › Labels: take them out of the archive.")
    if not changed and not archived:
        yield fine("labels", group, f"All {len(wanted.labels)} labels are as the schemas say.")
    for remark in plan.remarks:
        if "archive" not in remark.message:
            yield fine("labels-remark", group, remark.message)


def _names(wanted: Wanted) -> set[str]:
    return {each.name for each in wanted.labels}


def _judge_boards(wanted: Wanted, found: Found, repair: str) -> Iterator[Check]:
    group: Group = "Labels and boards"
    for place, boards in found.boards:
        if isinstance(boards, Unseen):
            yield hidden("boards", group, f"The boards of {quote(place.path)}", boards)
    seen = tuple((place, boards) for place, boards in found.boards if not isinstance(boards, Unseen))
    if not seen:
        return
    plan = plan_all_boards(wanted, Found(found.me, found.labels_at, found.labels, seen, found.home, found.group))
    changed = list(dict.fromkeys(_board_of(step, several=len(seen) > 1) for step in plan.steps))
    if changed:
        is_one = len(changed) == 1
        told = f"{count(len(changed), 'board')} {'is' if is_one else 'are'} missing or changed: {_quoted(changed)}."
        yield broken("boards", group, told, repair)
    for remark in plan.remarks:
        yield broken("boards-remark", group, remark.message, f"Plan › Issue boards of {remark.place.path}.")
    if not plan.steps and not plan.remarks:
        yield fine("boards", group, f"All {len(wanted.boards)} boards are as the schemas say.")


def _board_of(step: Step, several: bool) -> str:
    work = step.work
    name = (
        work.name if isinstance(work, MakeBoard) else work.board if isinstance(work, AddList | MoveList) else step.what
    )
    return f"{name} in {step.place.path}" if several else name


def _judge_webhook(home: Home, is_at_once: bool) -> Iterator[Check]:
    unseen = next((each for each in (home.hooks, home.triggers) if isinstance(each, Unseen)), None)
    if unseen is not None:
        if is_at_once:
            yield hidden("webhook", "Triage", "Trigger and webhook, for runs at once,", unseen)
        return
    plan = plan_webhook(home, is_at_once)
    if plan.steps:
        told = f"Runs at once do not work: {_what_is_wrong(plan)}."
        yield broken("webhook", "Triage", told, _REPAIR)
    for remark in plan.remarks:
        yield broken("webhook-remark", "Triage", remark.message, "Settings › Webhooks, Settings › CI/CD › Triggers.")
    if not plan.steps and not plan.remarks:
        told = "Trigger and webhook are there: a tick or comment is judged at once."
        yield fine("webhook", "Triage", told if is_at_once else "Runs at once are switched off, as configured.")


def _what_is_wrong(plan: Plan) -> str:
    missing = [step.what for step in plan.steps if step.is_new]
    changes = [f"{each.name} {each.before}" for step in plan.steps if not step.is_new for each in step.changes]
    return "; ".join([*([f"missing: {listing(missing)}"] if missing else []), *changes])


def _quoted(names: Iterable[str]) -> str:
    return listing(quote(name) for name in names)
