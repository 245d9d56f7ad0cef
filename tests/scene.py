"""A sandbox with sample people and a triage to run in it: what the end-to-end tests act on."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from pathlib import Path

from automation.edge.gitlab import GitLab, project_scope
from automation.edge.repository import load_repository
from automation.jobs.run import Triage
from automation.jobs.triage import triage
from automation.sandbox.clock import TravellingClock
from automation.sandbox.sample import PROJECT, fill_in, populate, read_template, sample_configuration
from automation.sandbox.server import Sandbox
from automation.sandbox.world import World

ROOT = Path(__file__).parent.parent
REPOSITORY = replace(load_repository(ROOT), configuration=sample_configuration())
PROCESS = REPOSITORY.processes["csm-to-cse-plus", 1]
TEMPLATE = read_template(ROOT, PROCESS)
FILLED = fill_in(TEMPLATE, PROCESS)
KEY = "a key for tests"
STAGE_BOXES = {
    stage.key: [
        item
        for item in PROCESS.items.values()
        if item.section == stage.key and not item.is_forbidden and not item.is_advisory
    ]
    for stage in PROCESS.stages
}
HOLDERS = {"csm": "carol", "cse_territory_owner": "ben", "csm_manager": "mia", "ae": "alex", "cse": "dana"}


class Silence:
    def start(self, what, total):
        pass

    def step(self):
        pass


class Scene:
    """One project with sample people. ``now`` is the world's clock; every act moves it on by a minute."""

    def __init__(self, start="2026-11-02T09:00:00+00:00", **options):
        self.clock = TravellingClock(datetime.fromisoformat(start))
        self.world = World(now=self.clock)
        self.token = populate(self.world)
        self.sandbox = Sandbox(self.world, **options)
        self.repository = REPOSITORY
        self.key = KEY
        self.rows = []

    def __enter__(self):
        self.sandbox.start()
        return self

    def __exit__(self, *_):
        self.sandbox.stop()

    def create(self, text=FILLED, by="carol", title="Handover of Acme", **options):
        self.clock.advance(minutes=1)
        return self.world.create_issue(PROJECT, by, title, text, **options).iid

    def tick(self, iid, code, by):
        self.clock.advance(minutes=1)
        self.world.tick(PROJECT, iid, code, by)

    def untick(self, iid, code, by):
        self.clock.advance(minutes=1)
        self.world.untick(PROJECT, iid, code, by)

    def retick(self, iid, code, by):
        self.untick(iid, code, by)
        self.tick(iid, code, by)

    def write(self, iid, label, value, by="carol"):
        self.clock.advance(minutes=1)
        self.world.set_field(PROJECT, iid, label, value, by)

    def say(self, iid, body, by):
        self.clock.advance(minutes=1)
        return self.world.comment(PROJECT, iid, by, body)

    def edit(self, iid, change, by):
        """Replace the text of the issue by ``change(text)``."""
        self.clock.advance(minutes=1)
        self.world.edit_description(PROJECT, iid, by, change(self.text(iid)))

    def finish(self, iid, stage, only=None):
        """Let the right people tick every box of *stage*."""
        for item in STAGE_BOXES[stage]:
            if only is None or item.code in only:
                roles = item.signed_by or next(each for each in PROCESS.stages if each.key == stage).responsible
                self.tick(iid, item.code, HOLDERS[roles[0]])

    def finish_until(self, iid, stage):
        """Let everything before *stage* be done in order, with a run after each stage."""
        for each in PROCESS.stages:
            if each.key == stage:
                return
            self.finish(iid, each.key)
            self.run()

    def run(self, apply=True, **options):
        """Run the triage and return its outcome; its rows are in ``rows``."""
        self.clock.advance(minutes=1)
        self.rows = []
        self.gitlab = GitLab(self.sandbox.url, self.token)
        job = Triage(scope=project_scope(PROJECT), now=self.clock(), state_key=self.key, is_applied=apply, **options)
        return triage(job, self.gitlab, self.repository, self.rows.append, Silence())

    def row(self, iid):
        return next(row for row in self.rows if row["iid"] == iid)

    def codes(self, iid, alarms_only=True):
        return [each["code"] for each in self.row(iid)["findings"] if each["is_alarm"] or not alarms_only]

    def found(self, iid):
        """Return (code, box or field) of every alarm."""
        findings = self.row(iid)["findings"]
        return [(each["code"], each["item"] or each["field"]) for each in findings if each["is_alarm"]]

    def stage(self, iid):
        return self.row(iid)["stage"]

    def text(self, iid):
        return self.world.issue(PROJECT, iid).description

    def labels(self, iid):
        return set(self.world.list_titles(PROJECT, iid))

    def stage_labels(self, iid):
        return {label for label in self.labels(iid) if "::" in label}

    def comments(self, iid):
        """Return the bot's comments, oldest first."""
        return [note.body for note in self.world.list_notes(PROJECT, iid) if note.body.startswith("<!-- handover:")]

    def status(self, iid):
        return next(body for body in self.comments(iid) if body.startswith("<!-- handover:status"))

    def pings(self, iid):
        return [body for body in self.comments(iid) if body.startswith("<!-- handover:ping")]
