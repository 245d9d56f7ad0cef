"""Every process over HTTP: the real client against the sandbox, from the blank template to the end."""

from __future__ import annotations

from dataclasses import replace

import pytest

from automation.core.configuration import Configuration, RoleHolders
from automation.sandbox.model import REPORTER
from automation.sandbox.sample import PROJECT
from tests.processes.test_walks import PROCESSES
from tests.processes.walk import Walk, fill_in, load_process, load_sample, load_template
from tests.scene import Scene


class Act:
    """One issue of a process in a scene whose people are those of the process's sample."""

    def __init__(self, scene, process_id):
        self.scene, self.process, self.sample = scene, load_process(process_id), load_sample(process_id)
        self.people = self.sample["people"]
        for name in dict.fromkeys(self.people.values()):
            if scene.world.find_user(name) is None:
                scene.world.add_user(name, name.title())
            scene.world.add_member(PROJECT, name, REPORTER)
        roles = {role: RoleHolders((name,)) for role, name in self.people.items()}
        scene.repository = replace(
            scene.repository, configuration=Configuration(roles=roles, comments_per_issue_and_day=50)
        )
        self.variant = next(iter(self.sample["variants"]))
        self.walk = Walk.blank(process_id, self.variant)
        self.author = self.walk.tale.author
        self.iid = scene.create(load_template(process_id), by=self.author, title="Acme")

    def fill_in(self):
        values = self.sample["variants"][self.variant]["values"]
        self.scene.edit(self.iid, lambda text: fill_in(text, self.process, self.people, values), by=self.author)

    def finish(self, stage):
        for item in self.walk.asked(stage):
            self.scene.tick(self.iid, item.code, self.walk.who_ticks(item))


@pytest.mark.parametrize("process_id", PROCESSES)
def test_a_handover_goes_from_its_template_to_its_end(process_id):
    with Scene() as scene:
        act = Act(scene, process_id)
        scene.run()
        assert scene.found(act.iid) == []
        assert scene.stage_labels(act.iid) == {act.process.stages[0].label}
        act.fill_in()
        for stage in act.process.stages:
            if not act.walk.asked(stage.key):
                continue
            assert not scene.run().failed
            assert (scene.found(act.iid), scene.stage(act.iid)) == ([], stage.key)
            assert scene.stage_labels(act.iid) == {stage.label}
            act.finish(stage.key)
        scene.run()
        assert scene.labels(act.iid) == {act.process.complete_label}
        scene.run()
        assert [verb for verb in scene.gitlab.requests if not verb.startswith("GET")] == []
