"""Runs at once: the trigger, and the webhook that pulls it when somebody ticks or comments."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from urllib.parse import quote as encode
from urllib.parse import unquote

from automation.core.bootstrap.steps import Change, Home, MakeTrigger, Plan, Remark, SetHook, Step
from automation.core.installation import Hook, ProjectFacts, Trigger, Unseen
from automation.core.model import User
from automation.core.words import quote

TRIGGER = "Handover: one issue at once"
_VARIABLE = "trigger_token"
_KEY = "trigger"
# The name of the masked part tells which trigger it is, which GitLab never shows.
_MASKED = re.compile(rf"\{{{_VARIABLE}_(?P<id>[0-9]+)\}}")
_EVENTS = (
    ("has_issues", "issues"),
    ("has_confidential_issues", "confidential issues"),
    ("has_notes", "comments"),
    ("has_confidential_notes", "internal comments"),
)


@dataclass(frozen=True, slots=True)
class OurHook:
    """A webhook that pulls a trigger of this project, and the branch it does so for."""

    hook: Hook
    branch: str

    @property
    def trigger_id(self) -> int | None:
        """The id of the trigger that it pulls, None where the webhook was made by hand."""
        match = _MASKED.search(self.hook.url)
        return int(match["id"]) if match else None

    def pulls_one_of(self, triggers: Iterable[Trigger], readable: Trigger | None) -> bool:
        """Tell whether its trigger is there. Of one made by hand nobody can tell: any will do that we did not make."""
        if self.trigger_id is not None:
            return self.trigger_id in {each.id for each in triggers}
        return self.has_token and any(each != readable for each in triggers)

    @property
    def has_token(self) -> bool:
        return "token=" in self.hook.url


def plan_webhook(home: Home, is_wanted: bool, today: date | None = None) -> Plan:
    """Plan the trigger and the webhook of *home*, which has a default branch.

    Only its owner is shown a trigger token: one that cannot be read cannot be given to a webhook, and one that ended
    before *today* starts nothing. Where that is None, nobody asks.
    """
    if isinstance(home.hooks, Unseen) or isinstance(home.triggers, Unseen):
        needs = next(each.needs for each in (home.hooks, home.triggers) if isinstance(each, Unseen))
        message = f"Webhooks and triggers cannot be seen with this token: that needs the role {needs}."
        return Plan(remarks=(Remark(home.place, message, is_gap=True),) if is_wanted else ())
    ours = find_hooks(home.facts, home.hooks)
    if not is_wanted:
        message = "Runs at once are switched off (schedule.at_once), but the webhook is still there: delete it."
        return Plan(remarks=(Remark(home.place, f"{message} It is under Settings › Webhooks."),) if ours else ())
    triggers = sorted((each for each in home.triggers if not _has_ended(each, today)), key=lambda each: -each.id)
    named = [each for each in triggers if each.description.strip().casefold() == TRIGGER.casefold()]
    readable = next((each for each in named if each.token), None)
    ours.sort(key=lambda each: (each.branch != home.facts.default_branch, each.hook.is_stopped, each.hook.id))
    found = ours[0] if ours else None
    is_pulling = found is not None and found.pulls_one_of(triggers, readable)
    why_not = "" if found is None or is_pulling else _why_not(found, home.triggers)
    changes = tuple(_changes(home.facts, found, why_not))
    remarks = [Remark(home.place, message) for message in _remarks(ours, named, bool(changes))]
    return Plan(tuple(_steps(home, found, readable, changes)), tuple(remarks))


def plan_others_trigger(home: Home, me: User) -> Plan:
    """Tell whose trigger the webhook pulls, where it is not that of *me*: its pipelines run with the owner's rights."""
    if isinstance(home.hooks, Unseen) or isinstance(home.triggers, Unseen):
        return Plan()
    pulled = {hook.trigger_id for hook in find_hooks(home.facts, home.hooks)}
    theirs = [each for each in home.triggers if each.id in pulled and each.owner is not None and each.owner.id != me.id]
    messages = (
        f"The webhook pulls a trigger of {quote(f'@{each.owner.username}')}: it works as long as that account may run"
        " pipelines on the default branch. To have one of your own, delete it under Settings › CI/CD › Pipeline trigger"
        " tokens, then run this again."
        for each in theirs
        if each.owner is not None
    )
    return Plan(remarks=tuple(Remark(home.place, message) for message in messages))


def _has_ended(trigger: Trigger, today: date | None) -> bool:
    return today is not None and trigger.expires_at is not None and trigger.expires_at.date() <= today


def _why_not(found: OurHook, triggers: Iterable[Trigger]) -> str:
    """Tell why *found* pulls no trigger that works."""
    if not found.has_token:
        return "missing in the address"
    if found.trigger_id is None:
        return "none that is known"
    return "expired" if found.trigger_id in {each.id for each in triggers} else "deleted"


def find_hooks(facts: ProjectFacts, hooks: Sequence[Hook]) -> list[OurHook]:
    """Find the webhooks that pull a trigger of this project on this server, whatever their branch and token."""
    server = re.escape(server_of(facts))
    pattern = re.compile(rf"{server}/api/v4/projects/([^/?]+)/ref/([^/?]+)/trigger/pipeline/?(?:\?.*)?", re.IGNORECASE)
    matches = ((hook, pattern.fullmatch(hook.url)) for hook in hooks)
    names = (str(facts.id), facts.path.casefold())
    return [
        OurHook(hook, unquote(match[2])) for hook, match in matches if match and unquote(match[1]).casefold() in names
    ]


def hook_address(facts: ProjectFacts) -> str:
    """Return the address that the webhook calls, without its token."""
    ref = encode(facts.default_branch, safe="")
    return f"{server_of(facts)}/api/v4/projects/{facts.id}/ref/{ref}/trigger/pipeline"


def mask_token(address: str, trigger: Trigger) -> tuple[str, dict[str, str]]:
    """Return the webhook's URL, and the masked part of it, which GitLab fills in and never shows."""
    name = f"{_VARIABLE}_{trigger.id}"
    return f"{address}?token={{{name}}}", {name: trigger.token}


def server_of(facts: ProjectFacts) -> str:
    """Return the address of the server as it names itself."""
    return facts.web_url.rstrip("/").removesuffix(facts.path).rstrip("/")


def _changes(facts: ProjectFacts, found: OurHook | None, why_not: str) -> Iterator[Change]:
    if found is None:
        yield Change("url", None, hook_address(facts))
        return
    if found.branch != facts.default_branch:
        yield Change("branch", found.branch, facts.default_branch)
    missing = [name for attribute, name in _EVENTS if not getattr(found.hook, attribute)]
    needless = ["with pushes"] if found.hook.has_pushes else []
    if missing or needless:
        before = "; ".join([*([f"without {', '.join(missing)}"] if missing else []), *needless])
        yield Change("events", before, "issues and comments, confidential ones too")
    if not found.hook.verifies_server:
        yield Change("SSL verification", "off", "on")
    if found.hook.is_stopped:
        yield Change("state", "stopped by GitLab after failures", "active")
    if why_not:
        yield Change("trigger", why_not, "another one")


def _steps(home: Home, found: OurHook | None, readable: Trigger | None, changes: tuple[Change, ...]) -> Iterator[Step]:
    if not changes:
        return
    if readable is None:
        yield Step(_KEY, home.place, f"trigger {TRIGGER}", MakeTrigger(TRIGGER), True)
    is_stopped = found is not None and found.hook.is_stopped
    work = SetHook(found.hook.id if found else 0, hook_address(home.facts), readable, is_stopped)
    yield Step("webhook", home.place, "webhook to the trigger", work, found is None, changes, (_KEY,))


def _remarks(ours: Sequence[OurHook], named: Sequence[Trigger], has_changes: bool) -> Iterator[str]:
    if len(ours) > 1:
        yield (
            f"{len(ours)} webhooks pull a trigger of this project, so every tick starts {len(ours)} pipelines: delete"
            " all but one, under Settings › Webhooks."
        )
    pulled = None if has_changes else ours[0].trigger_id
    if pulled is None and not has_changes:
        return
    for each in named:
        if not each.token and each.id != pulled:
            owner = f" of {quote(f'@{each.owner.username}')}" if each.owner else ""
            yield (
                f"The trigger {quote(TRIGGER)}{owner} is not shown to you, so the webhook pulls another one: delete it"
                " under Settings › CI/CD › Pipeline trigger tokens, when all else is done."
            )
