"""Stories of handovers: people act in them, working day by working day, and the triage judges what they did.

A script is a generator: it lets people act, and yields the moment at which it goes on. Before that the triage runs, and
the story notes what the bot made of it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from automation.core.memory import PING_MARKER
from automation.core.model import Item, Process, Stage
from automation.sandbox.clock import TravellingClock
from automation.sandbox.model import Issue, Note
from automation.sandbox.sample import PROJECT, fill_in, sample_fact, sample_holders
from automation.sandbox.story_values import Beat, Moment, Row, Script, StoryError
from automation.sandbox.world import World

# How many days from the act a date lies that somebody fills in; other dates are those of the act itself.
_DAYS_AHEAD: Mapping[str, int] = {"next_renewal": 154, "last_ping": -3, "handover_date": 7}


@dataclass(frozen=True, slots=True)
class Outline:
    """A story before it is played. *giver* chooses among the sample people who may hand accounts over."""

    customer: str
    title: str
    lesson: str
    script: Callable[[Story], Script]
    giver: int = 0
    facts: Mapping[str, str] = field(default_factory=dict)


class Story:
    """One handover, with verbs for what people do in it. Each act takes its time and is noted in `beats`.

    Raises:
        UntellableError: the process has nothing to tell this story with.
    """

    def __init__(self, outline: Outline, process: Process, template: str, world: World, clock: TravellingClock) -> None:
        self.outline = outline
        self.process = process
        self.world = world
        self.clock = clock
        self.iid = 0
        self.row: Row = {}
        self.beats: list[Beat] = []
        self._template = template
        self._script = outline.script(self)
        self._heard = 0
        self._is_over = False
        givers = self.first.responsible[:1]
        roles = [each for each in process.fields.values() if each.kind == "role"]
        self._named = {
            each.key: f"@{_choose(sample_holders(each.role), outline.giver)}"
            if each.role in givers
            else sample_fact(process, each)
            for each in roles
        }
        self._people = {each.role: self._named[each.key].lstrip("@") for each in reversed(roles)}
        self.starts_at = self.go_on()

    def go_on(self) -> Moment | None:
        """Let people act up to their next pause and return when they go on, None at the end of the story.

        Raises:
            StoryError: the story did not come true.
        """
        following = next(self._script, None)
        self._is_over = following is None
        return following

    # --- who and what -------------------------------------------------------------------------------------------------

    @property
    def first(self) -> Stage:
        """The stage in which every handover begins."""
        return self.process.stages[0]

    @property
    def giver(self) -> str:
        """The username of who hands the account over."""
        return self.person(self.first.responsible[0])

    @property
    def issue(self) -> Issue:
        """The issue as it is now."""
        return self.world.issue(PROJECT, self.iid)

    @property
    def text(self) -> str:
        """The description as it is now."""
        return self.issue.description or ""

    @property
    def stage(self) -> str:
        """The stage that the triage found last."""
        return self.row.get("stage") or ""

    @property
    def flags(self) -> frozenset[str]:
        """The labels beside the stage."""
        return frozenset(self.world.list_titles(PROJECT, self.iid)) - self.process.stage_labels

    def person(self, role: str) -> str:
        """Return the username of who holds *role* in this handover."""
        return self._people.get(role) or sample_holders(role)[0]

    def signer(self, item: Item) -> str:
        """Return who should tick *item*."""
        stage = self.process.stages[self.process.stage_of(item.section)]
        return self.person((item.signed_by or stage.responsible)[0])

    def boxes(self, stage: Stage) -> list[Item]:
        """Return the boxes that the gate of *stage* asks for."""
        return [
            item
            for item in self.process.items.values()
            if item.section in stage.sections and not item.is_advisory and not item.is_forbidden
        ]

    # --- what people do -----------------------------------------------------------------------------------------------

    def create(self, is_told: bool = False) -> None:
        """Let the giver create the issue from its template and fill in the first part."""
        at = self._act(self.giver, "creates {}", ["the issue from its template and fills in the first part"], minutes=0)
        text = fill_in(self._template, self.process, self.first.sections, **self._facts())
        self.iid = self.world.create_issue(PROJECT, self.giver, f"{self.outline.customer} to CSE+", text).iid
        at.is_told = is_told
        self.clock.advance(minutes=9)

    def tick(self, item: Item, by: str = "") -> None:
        """Let *by*, else who should, tick a box, and write before it what could not be known earlier."""
        by = by or self.signer(item)
        for key in self._late_facts([item]):
            field = self.process.fields[key]
            if f"- **{field.title}:** _" in self.text:
                self.write(field.title, self._facts()[key], by)
        self._act(by, "ticks {}", [item.code])
        self.world.tick(PROJECT, self.iid, item.code, by)

    def tick_again(self, item: Item, by: str = "") -> None:
        """Let *by*, else who should, untick a box and tick it again."""
        by = by or self.signer(item)
        self._act(by, "ticks {} anew", [item.code])
        self.world.untick(PROJECT, self.iid, item.code, by)
        self.clock.advance(seconds=20)
        self.world.tick(PROJECT, self.iid, item.code, by)

    def fill_in(self, stage: Stage) -> None:
        """Let who is responsible for *stage* write its facts; those of the first are there since the beginning."""
        text = self.text
        if stage != self.first:
            text = fill_in(text, self.process, stage.sections, **self._facts())
        for key in self._late_facts(self.boxes(stage)):
            line = re.compile(rf"(?m)^- \*\*{re.escape(self.process.fields[key].title)}:\*\*.*$")
            before, after = line.search(self.text), line.search(text)
            if before and after:
                text = text.replace(after[0], before[0])
        if text != self.text:
            person = self.person(stage.responsible[0])
            self._act(person, "fills in {}", ["the lines"], minutes=6)
            self.world.edit_description(PROJECT, self.iid, person, text)

    def finish(self, stage: Stage, but: Collection[str] = ()) -> None:
        """Let the right people write the facts of *stage* and tick its boxes one by one, all *but* these codes."""
        self.fill_in(stage)
        ticked = {task.text.split()[0] for task in self.world.read_tasks(self.issue) if task.is_complete}
        for item in self.boxes(stage):
            if item.code not in but:
                (self.tick_again if item.code in ticked else self.tick)(item)

    def write(self, title: str, value: str, by: str) -> None:
        """Let *by* write *value* into the field titled *title*."""
        self._act(by, "writes {}", [f"{title}: {value}"], minutes=4)
        self.world.set_field(PROJECT, self.iid, title, value, by)

    def edit(self, text: str, by: str, verb: str, what: str) -> None:
        """Let *by* save another description; *verb* and *what* tell of it."""
        self._act(by, f"{verb} {{}}", [what], minutes=3)
        self.world.edit_description(PROJECT, self.iid, by, text)

    def say(self, body: str, by: str) -> None:
        """Let *by* comment."""
        self._act(by, "comments {}", [f"“{body}”"], minutes=5)
        self.world.comment(PROJECT, self.iid, by, body)

    def drag(self, by: str, to: str) -> None:
        """Let *by* drag the card from where it is to the column of the label *to*."""
        name = to.rpartition("::")[2]
        self._act(by, "drags {}", [f"the card to {name}"])
        present = next(iter(self.process.stage_labels & {*self.world.list_titles(PROJECT, self.iid)}), "")
        self.world.move_card(PROJECT, self.iid, by, remove=present, add=to)

    def close(self, by: str) -> None:
        """Let *by* close the issue."""
        self._act(by, "closes {}", ["the issue"])
        self.world.close(PROJECT, self.iid, by)

    def reopen(self, by: str) -> None:
        """Let *by* reopen the issue."""
        self._act(by, "reopens {}", ["the issue"])
        self.world.reopen(PROJECT, self.iid, by)

    # --- what became of it --------------------------------------------------------------------------------------------

    def hear(self, row: Row | None) -> None:
        """Note what the run after the last acts made of them; *row* is None when it had no reason to look."""
        if row is not None:
            self.row = row
        new = self.comments(self._heard) if self.iid else []
        if new and self.beats and self.beats[-1].stage and not self._is_over:
            # Nobody did anything, and that is what the bot speaks of.
            self.beats.append(Beat(self.clock(), stage_before=self.stage, flags_before=self.beats[-1].flags))
        if self.beats and not self.beats[-1].stage:
            beat = self.beats[-1]
            beat.stage, beat.flags = self.stage, self.flags
            beat.comments = tuple(note.body for note in new)
            beat.keys = tuple(key for each in self.row["actions"] for key in each.get("keys", ()))
        self._heard = max((note.id for note in new), default=self._heard)

    def comments(self, after: int = 0) -> list[Note]:
        """Return the new comments that the bot made, those after the note *after*."""
        notes = self.world.list_notes(PROJECT, self.iid)
        return [note for note in notes if note.id > after and note.body.startswith(PING_MARKER)]

    def alarms(self) -> set[tuple[str, str]]:
        """Return what the last run complained of: code of the finding, box or field."""
        found = [each for each in self.row.get("findings", ()) if each["is_alarm"]]
        return {(each["code"], each["item"] or each["field"] or "") for each in found}

    def asked(self, code: str) -> str:
        """Return the username of whom the last run asked to act on a finding of this code, else of who hands over."""
        findings = [each for each in self.row.get("findings", ()) if each["code"] == code]
        return next((name for each in findings for name in each["who"]["usernames"]), self.giver)

    def expect(self, is_true: bool, what: str) -> None:
        """Hold the story's point against reality.

        Raises:
            StoryError: it is not so.
        """
        if not is_true:
            raise StoryError(
                f"The demo found a bug: in “{self.outline.customer}: {self.outline.title}” {what}."
                f" Instead, the triage says: stage {self.stage or 'none'}, alarms {sorted(self.alarms()) or 'none'}."
            )

    def expect_alarm(self, code: str, about: str = "") -> None:
        """Expect that the last run complained of this, and that the bot told somebody."""
        self.expect((code, about) in self.alarms(), f"`{code}` should be found{f' at {about}' if about else ''}")
        self.expect(bool(self.beats[-1].comments), f"somebody should be told of `{code}`")

    def expect_stage(self, stage: str) -> None:
        """Expect that the last run found this stage."""
        self.expect(self.stage == stage, f"the stage should be {stage}")

    def expect_calm(self) -> None:
        """Expect that the last run complained of nothing."""
        self.expect(not self.alarms(), "nothing should be wrong any more")

    # --- pieces -------------------------------------------------------------------------------------------------------

    def _act(self, who: str, verb: str, what: list[str], minutes: float = 1) -> Beat:
        """Note an act and let it take its time."""
        if not self.beats or self.beats[-1].stage:
            flags = self.flags if self.iid else frozenset()
            self.beats.append(Beat(self.clock(), stage_before=self.stage, flags_before=flags))
        self.clock.advance(minutes=minutes, seconds=17)
        deeds = self.beats[-1].deeds
        if deeds and deeds[-1][:2] == (who, verb):
            deeds[-1][2].extend(what)
        else:
            deeds.append((who, verb, what))
        return self.beats[-1]

    def _late_facts(self, items: Iterable[Item]) -> list[str]:
        """Return the facts that belong to boxes which come after others, such as the day on which a letter went out."""
        return [key for item in items if item.after for key in item.needs if self.process.fields[key].kind == "date"]

    def _facts(self) -> dict[str, str]:
        """Return what this handover's people write, by field: the story's own facts, names, and dates of these days."""
        today = self.clock().date()
        fields = self.process.fields
        dates = {key: str(today) for key, each in fields.items() if each.kind == "date" and not each.is_advisory}
        near = {key: str(today + timedelta(days=days)) for key, days in _DAYS_AHEAD.items() if key in fields}
        named = {key: value for key, value in self._named.items() if key in fields}
        return {"customer": self.outline.customer, **dates, **near, **named, **self.outline.facts}


def _choose(people: Sequence[str], number: int) -> str:
    return people[number % len(people)]
