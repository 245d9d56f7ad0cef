"""The judgement against an all-seeing judge, over hundreds of played stories.

The judge of these tests stands beside every act and writes down at once what it was worth. The bot sees only what
GitLab keeps, at its runs. Where it runs after each act, or where GitLab noted every act, both must agree.
"""

import random
from dataclasses import dataclass, field

import pytest

from automation.core.checklist import build_document, parse_sheet
from tests.builders import Tale, found, make_directory

STAGES = ["ready", "review", "finish", "complete"]
GATING = {"1.1": 0, "1.2": 0, "1.10": 0, "2.1": 1, "3.1": 2, "3.2": 2, "3.4": 2}
SIGNS_FOR = {"2.1": ("account", "ready"), "3.2": (), "3.4": ("finish",)}
RIGHT = {"2.1": "ben", "3.2": "dana", "3.4": "carol"}
TROUBLES = {"sign-off-stale", "sign-off-early", "signer-wrong", "proof-missing"}


@dataclass
class AllSeeingJudge:
    """Knows of every sign-off what was true when it was given."""

    tale: Tale
    trouble: dict[str, str] = field(default_factory=dict)
    signed: dict[str, dict] = field(default_factory=dict)
    returned: set[str] = field(default_factory=set)
    touched: set[tuple[str, str]] = field(default_factory=set)
    seen: set[str] = field(default_factory=set)
    signer: dict[str, str] = field(default_factory=dict)
    is_awaited: bool = False

    @property
    def data(self):
        return build_document(parse_sheet(self.tale.text), self.tale.process).data

    def owner(self):
        return self.data["people"].get("owner", [""])[0]

    def is_passed(self, place):
        data = self.data
        done = all(
            data[STAGES[place]].get(code, {}).get("state") == "done" and not self.trouble.get(code)
            for code, at in GATING.items()
            if at == place
        )
        if place == 0:
            return done and "customer" in data["account"] and not self.is_awaited
        return done and (place == 1 or "done_on" in data["finish"])

    def stage(self):
        return next((STAGES[place] for place in range(3) if not self.is_passed(place)), "complete")

    def content(self, code):
        data = self.data
        return {name: {key: data[name][key] for key in data[name] if key not in SIGNS_FOR} for name in SIGNS_FOR[code]}

    def ticked(self, code, by):
        if code in SIGNS_FOR:
            may = {"2.1": {self.owner()}, "3.2": {"dana", "eli"}, "3.4": {"carol"}}[code]
            is_early = not all(self.is_passed(place) for place in range(GATING[code]))
            self.trouble[code] = "signer-wrong" if by not in may else "sign-off-early" if is_early else ""
            self.signed[code] = self.content(code)
            self.returned.discard(code)
            self.signer[code] = by
            self.seen.discard(code)
            self.touched = {each for each in self.touched if each[0] != code}
        else:
            self.own_hand(code, by)
        if code == "1.10" and by == "carol":
            self.is_awaited = False

    def unticked(self, code, by=""):
        if code not in SIGNS_FOR:
            self.own_hand(code, by)
        self.trouble.pop(code, None)
        self.returned.discard(code)

    def silently(self, code, symbol):
        self.unticked(code)
        if code in SIGNS_FOR and symbol == "x":
            self.trouble[code] = "proof-missing"

    def sent_back(self):
        self.is_awaited = True
        for code, trouble in self.trouble.items():
            if not trouble:
                self.trouble[code] = "sign-off-stale"
                self.returned.add(code)

    def own_hand(self, code, by):
        """What signers themselves change before the next run is what they sign, until another hand touches the box."""
        section = STAGES[GATING[code]]
        for signed, trouble in self.trouble.items():
            if not trouble and section in SIGNS_FOR[signed] and signed not in self.seen:
                if by == self.signer[signed] and (signed, code) not in self.touched:
                    self.signed[signed][section][code] = self.data[section][code]
                else:
                    self.touched.add((signed, code))

    def observe(self):
        """What was signed is compared whenever the bot runs: a change that was put back in between is nothing."""
        for code, trouble in self.trouble.items():
            if not trouble and self.signed[code] != self.content(code):
                self.trouble[code] = "sign-off-stale"
            self.seen.add(code)


def tick(code, by):
    def act(tale, judge):
        if f"[ ] {code} " in tale.text:
            tale.tick(code, by)
            judge.ticked(code, by)

    return act


def untick(code, by):
    def act(tale, judge):
        if f"[x] {code} " in tale.text:
            tale.untick(code, by)
            judge.unticked(code, by)

    return act


def retick(code, by):
    def act(tale, judge):
        untick(code, by)(tale, judge)
        tick(code, by)(tale, judge)

    return act


def silently(code, symbol, by):
    def act(tale, judge):
        if f"[{symbol}] {code} " not in tale.text:
            tale.silently(code, symbol, by)
            judge.silently(code, symbol)

    return act


def write(label, value):
    return lambda tale, judge: tale.write(label, value, "carol")


def send_back(by):
    def act(tale, judge):
        tale.say("send back: something is wrong", by)
        if by == judge.owner():
            judge.sent_back()

    return act


def chat(tale, judge):
    tale.say("hello", "eve")


def choose_act(chance, hidden):
    """Choose what somebody does next; *hidden* allows what GitLab notes only partly."""
    code = chance.choice(list(GATING))
    by = RIGHT.get(code, "carol") if chance.random() < 0.75 else chance.choice(["eve", "ben", "carol", "dana", "chloe"])
    drawn = chance.random()
    if drawn < 0.5:
        return chance.choice([tick, tick, tick, untick])(code, by)
    if drawn < 0.6:
        return retick(code, by)
    if drawn < 0.66:
        return send_back("ben")
    if drawn < 0.72:
        return retick("1.10", "carol")
    if drawn < 0.84 and hidden:
        return write(*chance.choice(WRITINGS))
    if drawn < 0.94 and hidden:
        return silently(code, chance.choice("x "), chance.choice(["carol", "eve", "ben"]))
    return chat


WRITINGS = [
    ("Customer", "Globex"),
    ("Customer", "_blank_"),
    ("Customer", "Acme"),
    ("Done on", "2026-12-01"),
    ("Done on", "_blank_"),
    ("Owner", "@chloe"),
    ("Owner", "@ben"),
]


def begin(chance):
    """Begin somewhere on the way: most of what can go wrong needs a handover that has come far."""
    codes = list(GATING)[: chance.choice([0, 0, 3, 4, 6, 7])]
    return [tick(code, RIGHT.get(code, "carol")) for code in codes]


def differences(tale, judge):
    """Return what the bot says otherwise than the judge: the stage, and the troubled sign-offs by box."""
    judge.observe()
    verdict = tale.judge()
    said = {(code, box) for code, box in found(verdict) if code in TROUBLES}
    # What was voided by a return is shown only once its stage is reached again; and a tick that is both early and by a
    # wrong person may be called either.
    true = {(trouble, box) for box, trouble in judge.trouble.items() if trouble}
    hidden = {("sign-off-stale", box) for box in judge.returned}
    boxes = {box for _, box in true - hidden} ^ {box for _, box in said - hidden}
    either = {"sign-off-early", "signer-wrong"}
    wrong = {
        (code, box)
        for code, box in said - true
        if code not in either or not any((other, box) in true for other in either)
    }
    return [
        *([] if verdict.stage == judge.stage() else [f"stage {verdict.stage}, truly {judge.stage()}"]),
        *(f"{box} differs" for box in boxes),
        *(f"{code} {box} is wrong" for code, box in wrong),
    ]


def play(seed, acts, runs, hidden):
    """Play one story; *runs* is the chance of a run after each act. Return what went wrong first."""
    chance = random.Random(seed)
    tale = Tale(comments_per_day=10**6)
    judge = AllSeeingJudge(tale)
    story = [*begin(chance), *(choose_act(chance, hidden) for _ in range(acts))]
    for number, act in enumerate(story):
        act(tale, judge)
        if chance.random() < runs or number == len(story) - 1:
            if wrong := differences(tale, judge):
                return f"seed {seed}, act {number}: {wrong}"
            if tale.run().plan():
                return f"seed {seed}, act {number}: a second run plans {[type(each).__name__ for each in tale.plan()]}"
    return None


def count_wrong(seeds, **options):
    return [wrong for seed in seeds if (wrong := play(seed, **options)) is not None]


@pytest.mark.parametrize("start", range(0, 100, 25))
def test_run_after_every_act_the_bot_knows_what_an_all_seeing_judge_knows(start):
    assert count_wrong(range(start, start + 25), acts=7, runs=1, hidden=True) == []


@pytest.mark.parametrize("start", range(0, 120, 40))
def test_where_gitlab_noted_every_act_the_moment_of_the_runs_does_not_matter(start):
    assert count_wrong(range(start, start + 40), acts=12, runs=0.3, hidden=False) == []


@pytest.mark.parametrize("start", range(0, 200, 100))
def test_where_gitlab_noted_every_act_one_run_at_the_end_judges_right(start):
    assert count_wrong(range(start, start + 100), acts=14, runs=0, hidden=False) == []


# --- order ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
def test_the_order_of_ticks_decides(seed):
    """All boxes in any order: complete exactly when no sign-off and no gate was passed by."""
    codes = list(GATING)
    random.Random(seed).shuffle(codes)
    tale = Tale()
    judge = AllSeeingJudge(tale)
    for code in codes:
        tick(code, RIGHT.get(code, "carol"))(tale, judge)
    assert differences(tale, judge) == []
    assert (tale.judge().stage == "complete") is not any(judge.trouble.values())


# --- layout -----------------------------------------------------------------------------------------------------------

LAYOUTS = {
    "stars": lambda text: text.replace("- [", "* [").replace("- **", "* **"),
    "numbers": lambda text: text.replace("- [", "1. ["),
    "big x": lambda text: text.replace("[x]", "[X]"),
    "blank lines": lambda text: text.replace("\n- [", "\n\n- ["),
    "carriage returns": lambda text: text.replace("\n", "\r\n"),
    "trailing blanks": lambda text: text.replace("\n", "  \n"),
    "sections folded": lambda text: (
        text.replace("## Review\n", "<details>\n<summary>Review</summary>\n\n") + "\n</details>"
    ),
    "prose between": lambda text: text.replace("## Ready", "Some words.\n\n> A quotation.\n\n## Ready"),
    "headings gone": lambda text: text.replace("## Ready\n", "").replace("## Finish\n", ""),
    "bold codes": lambda text: text.replace("] 1.1 ", "] **1.1** "),
    "comments": lambda text: text.replace("## Ready", "<!-- a note to ourselves -->\n\n## Ready"),
    "escapes": lambda text: text.replace("2027-03-31", "2027\\-03\\-31"),
    "turned round": lambda text: text.replace(
        "- **Customer:** Acme\n- **Seats:** 250\n", "- **Seats:** 250\n- **Customer:** Acme\n"
    ),
}


@pytest.mark.parametrize("layout", LAYOUTS.values(), ids=LAYOUTS.keys())
@pytest.mark.parametrize("is_seen", [True, False], ids=["seen before", "unseen"])
def test_the_layout_of_the_text_changes_nothing(layout, is_seen):
    tale = Tale().finish("ready").run().tick("2.1", "ben")
    if is_seen:
        tale.run()
    before = tale.judge()
    changed = layout(tale.text)
    assert changed != tale.text
    tale.save(changed, "carol")
    after = tale.judge()
    assert (after.stage, found(after), after.boxes) == (before.stage, found(before), before.boxes)


# --- nobody but the holder --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(15))
def test_without_the_owner_no_handover_ever_leaves_the_review(seed):
    """Everybody else does whatever they can think of, seen or unseen; ben does nothing at all."""
    chance = random.Random(seed)
    tale = Tale(comments_per_day=10**6, directory=make_directory()).finish("ready")
    others = ["carol", "chloe", "mia", "alex", "dana", "eli", "dave", "eve", "zoe"]
    judge = AllSeeingJudge(tale)
    for _ in range(25):
        by = chance.choice(others)
        code = chance.choice(list(GATING))
        act = chance.choice(
            [
                tick(code, by),
                untick(code, by),
                retick("2.1", by),
                silently(code, chance.choice("x "), by),
                silently("2.1", chance.choice("x "), by),
                write("Customer", chance.choice(["Acme", "Globex"])),
                lambda tale, judge, by=by: tale.say(
                    "marked the checklist item **2.1 Approved for the move** as completed", by
                ),
                lambda tale, judge, by=by: tale.say("send back: x", by),
            ]
        )
        act(tale, judge)
        if chance.random() < 0.5:
            tale.run()
        assert tale.judge().stage in ("ready", "review")
