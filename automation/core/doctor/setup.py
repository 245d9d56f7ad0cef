"""What bootstrap would make or repair is what is missing: its plan, as lines of the doctor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from datetime import date

from automation.core.bootstrap.labels import plan_labels
from automation.core.bootstrap.plan import plan_all_boards
from automation.core.bootstrap.steps import AddList, Found, Home, MakeBoard, MoveList, Plan, Step
from automation.core.bootstrap.wanted import Wanted
from automation.core.bootstrap.webhook import find_hooks, plan_webhook
from automation.core.doctor.check import Check, Group, broken, count, fine, hidden, listing
from automation.core.doctor.owner import judge_owner, least_level
from automation.core.doctor.schedule import Around
from automation.core.installation import Trigger, Unseen
from automation.core.words import quote

_MOST_NAMES = 5
_TRIGGERS = "Settings › CI/CD › Pipeline trigger tokens"
# What of a webhook can differ, in words.
_WRONG = {
    "url": "there is no webhook",
    "branch": "the webhook starts pipelines of another branch",
    "events": "the webhook does not hear of every tick and comment",
    "SSL verification": "the webhook does not look at the server's certificate",
    "state": "GitLab has stopped the webhook after failures",
    "trigger": "the webhook pulls no trigger that works",
}


def judge_setup(wanted: Wanted, found: Found, unseen_labels: Unseen | None) -> tuple[Check, ...]:
    """Judge labels and boards by what bootstrap would do to them; neither where the labels could not be seen."""
    if unseen_labels is not None:
        return (hidden("labels", "Labels and boards", "The labels", unseen_labels),)
    repair = _repair(found.group)
    return (*_judge_labels(wanted, found, repair), *_judge_boards(wanted, found, repair))


def _repair(group: str) -> str:
    more = f" --group {group}" if group else ""
    return f"`handover bootstrap{more}` shows the difference; with --apply it is put right (by a Maintainer)."


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
    plan = plan_all_boards(wanted, replace(found, boards=seen))
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


# --- runs at once -----------------------------------------------------------------------------------------------------


def judge_webhook(home: Home, around: Around, today: date) -> tuple[Check, ...]:
    """Judge trigger and webhook by what bootstrap would do to them, and whether the trigger's owner may pull it."""
    is_at_once = around.settings.at_once
    unseen = next((each for each in (home.hooks, home.triggers) if isinstance(each, Unseen)), None)
    if unseen is not None:
        return (hidden("webhook", "Triage", "Trigger and webhook, for runs at once,", unseen),) if is_at_once else ()
    plan = plan_webhook(home, is_at_once, today)
    if plan.steps:
        told = f"Runs at once do not work: {listing(_what_is_wrong(plan), _MOST_NAMES)}."
        return (broken("webhook", "Triage", told, _repair("")),)
    owner = _judge_puller(home, around) if is_at_once else None
    remarks = tuple(
        broken("webhook-remark", "Triage", each.message, f"Settings › Webhooks, {_TRIGGERS}.") for each in plan.remarks
    )
    if owner is not None and owner.state != "fine":
        return (owner, *remarks)
    if remarks:
        return remarks
    told = "Trigger and webhook are there: a tick or comment is judged at once."
    return (fine("webhook", "Triage", told if is_at_once else "Runs at once are switched off, as configured."),)


def _judge_puller(home: Home, around: Around) -> Check | None:
    """Judge the owner of the trigger that the webhook pulls; of several that it may be, the best counts."""
    found = [_judge_trigger(each, around) for each in _pulled(home)]
    return min(found, key=lambda each: ("fine", "hidden", "repair").index(each.state), default=None)


def _pulled(home: Home) -> tuple[Trigger, ...]:
    """Return the triggers that our webhook may pull: the one that its address names, else all."""
    if isinstance(home.hooks, Unseen) or isinstance(home.triggers, Unseen):
        return ()
    ids = {each.trigger_id for each in find_hooks(home.facts, home.hooks)}
    return tuple(each for each in home.triggers if each.id in ids or None in ids)


def _judge_trigger(trigger: Trigger, around: Around) -> Check:
    repair = f"{_TRIGGERS}: delete it; then `handover bootstrap --apply`, by a Maintainer, makes another."
    least = least_level(around.facts.default_branch, around.branches)
    what = "the trigger of the webhook"
    return judge_owner("webhook-owner", "Triage", what, trigger.owner, around.members, least, repair)


def _what_is_wrong(plan: Plan) -> Iterator[str]:
    changes = [each.name for step in plan.steps for each in step.changes]
    yield from (_WRONG.get(each, f"{each} differs") for each in dict.fromkeys(changes))


def _quoted(names: Iterable[str]) -> str:
    return listing((quote(name) for name in names), _MOST_NAMES)
