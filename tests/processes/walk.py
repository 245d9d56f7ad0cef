"""Whole handovers of any process, done as people would: filled in from the template, ticked stage by stage.

What people fill in stands in ``tests/processes/<process>.yml``: who holds which role, and for each variant the values
by the title of their field, and the conditional boxes that it does not ask for.
"""

from __future__ import annotations

import json
import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

import yaml

from automation.core.model import Item, Process, Verdict
from automation.core.people import build_directory
from automation.core.process import build_process
from tests.builders import DIALECT, ROOT, Tale, make_members, with_value

WORK = {"item-open", "field-blank", "role-unknown"}


class _Text(yaml.SafeLoader):
    """YAML in which everything but ``<<`` is text."""

    yaml_implicit_resolvers = {"<": yaml.SafeLoader.yaml_implicit_resolvers["<"]}  # noqa: RUF012


@cache
def load_process(process_id: str) -> Process:
    schema = json.loads((ROOT / f"schemas/{process_id}.schema.json").read_text(encoding="utf-8"))
    return build_process(schema, DIALECT)


@cache
def load_template(process_id: str) -> str:
    path = ROOT / f".gitlab/issue_templates/{load_process(process_id).template}.md"
    return path.read_text(encoding="utf-8")


@cache
def load_sample(process_id: str) -> Mapping[str, Any]:
    """Load the sample of a process; every value stays the text that a person would write."""
    text = (ROOT / f"tests/processes/{process_id}.yml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=_Text)


def fill_in(text: str, process: Process, people: Mapping[str, str], values: Mapping[str, Any]) -> str:
    """Return *text* with the people in their lines and *values* in theirs; "" leaves a line as the template has it."""
    titles = {each.title for each in process.fields.values()}
    assert set(values) <= titles, f"no such fields: {sorted(set(values) - titles)}"
    for field in process.fields.values():
        value = values.get(field.title, "")
        if field.role and field.title not in values and not field.may_be_any_holder:
            value = f"@{people[field.role]}"
        if not value:
            continue
        if field.kind == "list":
            numbered = "\n".join(f"{number}. {each}" for number, each in enumerate(value, 1))
            heading = rf"(?m)^(#+ {re.escape(field.title)}\n\n)(?:\d+\.[^\n]*\n)+"
            text, count = re.subn(heading, lambda match, lines=numbered: f"{match[1]}{lines}\n", text)
            assert count == 1, f"{field.title} stands {count} times"
        else:
            text = with_value(text, field.title, value)
    return text


@dataclass
class Walk:
    """One issue of a process on its way from the blank template to its end."""

    tale: Tale
    people: Mapping[str, str]
    unasked: Collection[str]
    signers: Mapping[str, str]

    @classmethod
    def blank(cls, process_id: str, variant: str) -> Walk:
        """Create an issue from the template, as GitLab does, and judge it."""
        process, sample = load_process(process_id), load_sample(process_id)
        people, about = sample["people"], sample["variants"][variant]
        names = dict.fromkeys(people.values())
        directory = build_directory({role: [name] for role, name in people.items()}, {}, make_members(names))
        author = people[process.stages[0].responsible[0]]
        tale = Tale(
            text=load_template(process_id),
            process=process,
            directory=directory,
            author=author,
            # All of it happens within one day.
            comments_per_day=50,
        )
        return cls(tale, people, about.get("unasked", ()), about.get("signers", {})).run()

    @classmethod
    def of(cls, process_id: str, variant: str, values: Mapping[str, Any] | None = None) -> Walk:
        """Create an issue, fill it in with the values of *variant* (and other *values*), and judge it."""
        walk = cls.blank(process_id, variant)
        wanted = {**load_sample(process_id)["variants"][variant]["values"], **(values or {})}
        filled = fill_in(walk.tale.text, walk.process, walk.people, wanted)
        walk.tale.save(filled, walk.tale.author)
        return walk.run()

    @property
    def process(self) -> Process:
        return self.tale.process

    # what people do

    def tick(self, code: str, by: str = "") -> Walk:
        self.tale.tick(code, by or self.who_ticks(self.process.items[code]))
        return self

    def untick(self, code: str, by: str = "") -> Walk:
        self.tale.untick(code, by or self.who_ticks(self.process.items[code]))
        return self

    def write(self, title: str, value: str, by: str = "") -> Walk:
        self.tale.write(title, value, by or self.tale.author)
        return self

    def say(self, body: str, by: str) -> Walk:
        self.tale.say(body, by)
        return self

    def wait(self, **period: float) -> Walk:
        self.tale.wait(**period)
        return self

    def asked(self, stage: str) -> list[Item]:
        """Return the boxes that this variant asks for in a stage, in their order."""
        boxes = (each for each in self.process.items.values() if each.section == stage)
        return [
            each for each in boxes if not each.is_advisory and not each.is_forbidden and each.code not in self.unasked
        ]

    def who_ticks(self, item: Item) -> str:
        stage = self.process.stages[self.process.stage_of(item.section)]
        role = self.signers.get(item.code) or (item.signed_by or self._responsible(stage.key))[0]
        return self.people[role]

    def _responsible(self, stage: str) -> Sequence[str]:
        return next(each for each in self.process.stages if each.key == stage).responsible

    def finish(self, stage: str, but: Iterable[str] = ()) -> Walk:
        """Let the right people tick what a stage asks for."""
        for item in self.asked(stage):
            if item.code not in set(but):
                self.tick(item.code)
        return self

    def until(self, stage: str) -> Walk:
        """Let every stage before *stage* be done, with a run after each; "complete" is the end."""
        keys = [each.key for each in self.process.stages]
        assert stage in (*keys, "complete"), f"there is no stage {stage}"
        for key in keys[: keys.index(stage)] if stage in keys else keys:
            self.finish(key).run()
        return self

    # what the bot does, and what is seen of it

    def run(self) -> Walk:
        self.tale.run()
        return self

    @property
    def verdict(self) -> Verdict:
        return self.tale.judge()

    @property
    def stage(self) -> str:
        return self.verdict.stage

    @property
    def alarms(self) -> set[tuple[str, str]]:
        return {(each.code, each.item or each.field) for each in self.verdict.findings if each.is_alarm}

    @property
    def todo(self) -> set[str]:
        found = (each for each in self.verdict.findings if not each.is_alarm and each.code in WORK)
        return {each.item or each.field for each in found}

    @property
    def pings(self) -> list[str]:
        return self.tale.pings

    @property
    def status(self) -> str:
        return self.tale.status
