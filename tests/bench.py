"""Print what triage costs: requests, seconds and memory for many open handovers, and the reader's speed.

Run it with ``make bench``. It measures and prints; nothing here passes or fails.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).parent.parent
SIZES = (100, 1_000, 10_000)
READS = 200
LONG_STORY = 2_000
LIMITS = 10_000
LETTERS = 1_000


def main() -> None:
    """Measure everything; each size has a server and a client process of its own."""
    if sys.argv[1:2] == ["serve"]:
        serve(int(sys.argv[2]))
    elif sys.argv[1:2] == ["triage"]:
        run_triage(*sys.argv[2:4])
    else:
        show_reader()
        show_judgement()
        show_long_story()
        show_limits()
        show_letters()
        show_help_time()
        for size in [int(each) for each in sys.argv[1:]] or SIZES:
            show_triage(size)


def show_reader() -> None:
    """Print how fast the checklist reader reads."""
    from automation.core.checklist import parse_sheet
    from tests.scene import FILLED

    long = "\n\n".join([FILLED] * (1_048_576 // len(FILLED.encode())))
    for name, text, times in (("a filled-in template", FILLED, READS), ("a description of 1 MiB", long, 3)):
        started = time.perf_counter()
        for _ in range(times):
            parse_sheet(text)
        seconds = (time.perf_counter() - started) / times
        size = len(text.encode())
        print(f"reader: {name} ({size / 1024:.0f} KiB): {seconds * 1000:.1f} ms, {size / seconds / 1e6:.1f} MB/s")


def show_judgement() -> None:
    """Print what everything between answer received and action planned costs for one issue."""
    from automation.core.model import User
    from automation.jobs.run import Outcome, Run, Triage
    from tests.scene import PROJECT, Scene

    with Scene() as scene:
        iid = scene.create()
        scene.finish_until(iid, "completion")
        scene.run()
        bot = next(user for user in scene.world.users.values() if user.is_bot)
        job = Triage("projects/1", scene.clock(), scene.key)
        run = Run(job, scene.gitlab, scene.repository, User(bot.id, bot.username), Outcome())
        issue = scene.gitlab.fetch_issue("projects/1", iid)
        notes = scene.gitlab.fetch_notes(1, iid)
        run.directory(1)
        from automation.core.checklist import parse_sheet

        started = time.perf_counter()
        for _ in range(READS):
            run.judge(issue, parse_sheet(issue.description), notes)
        milliseconds = (time.perf_counter() - started) / READS * 1000
        print(f"judging: {milliseconds:.2f} ms an issue ({len(notes)} notes, project {PROJECT})")


def show_long_story() -> None:
    """Print what judging an issue with 2,000 notes costs."""
    from tests.builders import Tale

    tale = Tale.of_the_real_process()
    for number in range(LONG_STORY // 4):
        is_odd = number % 2
        (tale.untick if is_odd else tale.tick)("1.1", "carol")
        (tale.untick if is_odd else tale.tick)("2.4", "ben" if is_odd else "eve")
        tale.say("hold on, I will look at this tomorrow.\n\n> sign off 2.4", "ben")
        tale.edit(lambda text: f"{text} ", "carol")
    tale.run()
    started = time.perf_counter()
    for _ in range(10):
        tale.judge()
    print(f"judging: {(time.perf_counter() - started) * 100:.1f} ms an issue with {LONG_STORY} notes")


def show_limits() -> None:
    """Print what the two limits of an issue cost, for as many issues as a large organisation has."""
    from automation.core.workdays import Absence, Calendar, Calendars, week_deadline, working_deadline

    calendars = Calendars(
        own={"ben": Calendar("DE", "BY", "Europe/Berlin"), "chloe": Calendar("GB", "ENG", "Europe/London")},
        away={"ben": (Absence(date(2026, 12, 21), date(2027, 1, 5), "chloe"),)},
    )
    start = datetime(2026, 11, 2, 9, tzinfo=UTC)
    started = time.perf_counter()
    for number in range(LIMITS):
        person = ("ben", "chloe", "carol")[number % 3]
        at = start + timedelta(hours=number % 2_000)
        working_deadline(at, 3 + number % 8, person, calendars)
        week_deadline(at, 28, person, calendars)
    print(f"limits: {time.perf_counter() - started:.2f} s for {LIMITS} issues, two limits each")


def show_letters() -> None:
    """Print what writing letters in all three formats costs, and judging their words."""
    from automation.core.letters.lint import judge_rendered
    from automation.core.letters.mail import build_mail
    from automation.core.letters.model import Address, Envelope
    from automation.core.letters.values import sample_values
    from automation.edge.repository import load_repository

    repository = load_repository(ROOT)
    book = repository.letters
    to, copy = Address("Ada Lind, Åsa", "ada@acme.example"), Address("Alex Novak", "alex@example.com")
    envelope = Envelope(copy, (to,), (copy,), (Address("", "timeline@example.com"),))
    filled = [
        (letter, values)
        for letter in book.letters.values()
        for values in list(sample_values(repository.processes[letter.process, 1], book.names_in(letter), letter.when))[
            :1
        ]
    ]
    started = time.perf_counter()
    for number in range(LETTERS):
        letter, values = filled[number % len(filled)]
        facts = {**values.facts, "customer": f"Customer {number}"}
        rendered = book.fill_in(letter, replace(values, facts=facts))
        build_mail(rendered.subject, rendered.text, rendered.html, envelope, datetime(2026, 11, 2, 9, tzinfo=UTC))
    seconds = time.perf_counter() - started
    print(f"letters: {seconds:.2f} s for {LETTERS} letters as Markdown, HTML and mail")
    started = time.perf_counter()
    for number in range(LETTERS):
        letter, values = filled[number % len(filled)]
        facts = {**values.facts, "customer": f"Customer {number}"}
        values = replace(values, facts=facts)
        judge_rendered(letter, book.fill_in(letter, values), values, repository.configuration.letters.allowed_links)
    print(f"letters: {time.perf_counter() - started - seconds:.2f} s more to judge their words")


def show_help_time() -> None:
    """Print how soon the help answers."""
    command = [sys.executable, "-c", "from automation.cli import main; main()", "--help"]
    subprocess.run(command, capture_output=True, check=True)
    started = time.perf_counter()
    subprocess.run(command, capture_output=True, check=True)
    print(f"handover --help: {time.perf_counter() - started:.2f} s")


def show_triage(size: int) -> None:
    """Print the cost of a cold run, and of a second one that finds nothing changed."""
    server = subprocess.Popen(
        [sys.executable, "-m", "tests.bench", "serve", str(size)], stdout=subprocess.PIPE, text=True
    )
    assert server.stdout is not None
    try:
        url, token = server.stdout.readline().split()
        for name in ("cold", "unchanged"):
            command = [sys.executable, "-m", "tests.bench", "triage", url, token]
            answer = subprocess.run(command, capture_output=True, text=True, check=True)
            told = json.loads(answer.stdout)
            kinds = ", ".join(f"{kind} {count}" for kind, count in sorted(told["requests"].items()))
            print(
                f"{size:>6} handovers, {name:>9}: {told['seconds']:6.1f} s, {told['peak_mib']:4.0f} MiB,"
                f" {sum(told['requests'].values())} requests ({kinds})",
                flush=True,
            )
    finally:
        server.terminate()


def serve(size: int) -> None:
    """Serve *size* handovers in several stages; prints address and token."""
    from tests.scene import FILLED, STAGE_BOXES, Scene

    scene = Scene()
    for number in range(size):
        iid = scene.create(title=f"Handover {number}")
        for item in STAGE_BOXES["pre-handover"][: number % 11]:
            scene.tick(iid, item.code, "carol")
    assert FILLED
    with scene:
        print(scene.sandbox.url, scene.token, flush=True)
        while True:
            time.sleep(3600)


def run_triage(url: str, token: str) -> None:
    """Run the triage once and print its cost as JSON."""
    from automation.edge.gitlab import GitLab, project_scope
    from automation.edge.repository import load_repository
    from automation.jobs.run import Triage
    from automation.jobs.triage import triage
    from automation.sandbox.sample import PROJECT, sample_configuration
    from tests.scene import Silence

    repository = replace(load_repository(ROOT), configuration=sample_configuration())
    gitlab = GitLab(url, token)
    job = Triage(project_scope(PROJECT), datetime.now(UTC), "key", is_applied=True)
    started = time.perf_counter()
    triage(job, gitlab, repository, lambda row: None, Silence())
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1024 if os.uname().sysname == "Linux" else 1024**2)
    print(json.dumps({"seconds": seconds, "peak_mib": peak, "requests": dict(gitlab.requests)}))


if __name__ == "__main__":
    main()
