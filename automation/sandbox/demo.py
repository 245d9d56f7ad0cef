"""The commands `demo` and `sandbox`: sample handovers go right and wrong, and the triage of `--apply` judges them."""

from __future__ import annotations

import contextlib
import shutil
import sys
import textwrap
import threading
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import UTC, datetime, time
from pathlib import Path

import click

from automation.core.model import GATE_MISSED, Process
from automation.edge.repository import Repository
from automation.errors import UsageError
from automation.sandbox.clock import TravellingClock
from automation.sandbox.page import board_page
from automation.sandbox.sample import PROJECT, find_starter, populate, read_template, sample_configuration
from automation.sandbox.server import Sandbox
from automation.sandbox.story import Story
from automation.sandbox.story_acts import OUTLINES
from automation.sandbox.story_bot import Bot
from automation.sandbox.story_play import Play, StoryClock, list_working_days
from automation.sandbox.story_telling import WIDTH, join_words, show_board, tell_cast, tell_stories
from automation.sandbox.story_values import StoryError, UntellableError
from automation.sandbox.world import World

Echo = Callable[[str], None]
Wait = Callable[[], None]
_WORKING_DAYS = 20
_MAIN_PROCESS = "csm-to-cse-plus"
_RED = "#dd2b0e"


def wait_for_interrupt() -> None:
    """Wait until somebody presses Ctrl-C."""
    with contextlib.suppress(KeyboardInterrupt):
        threading.Event().wait()


# --- the demo ---------------------------------------------------------------------------------------------------------


def run_demo(
    repository: Repository,
    root: Path,
    output: Path,
    echo: Echo,
    now: datetime,
    port: int,
    is_served: bool,
    wait: Wait = wait_for_interrupt,
) -> None:
    """Play the stories in the weeks before *now*, tell them, and leave the page of the board at *output*.

    *is_served*: the page stays open until *wait* returns; time then goes on from *now*.

    Raises:
        StoryError: a story did not come true, which is a bug.
        UsageError: the port is taken, or the page cannot be written.
    """
    process = _main_process(repository)
    days = list_working_days(now.date(), _WORKING_DAYS)
    clock = StoryClock(datetime.combine(days[0], time(8), UTC), now)
    world = World(now=clock)
    configuration = sample_configuration(each.role for each in process.fields.values() if each.role)
    token = populate(world, configuration)
    _furnish(world, [process], root)
    with _open_sandbox(world, [process], port) as sandbox:
        bot = Bot(sandbox.url, token, replace(repository, configuration=configuration), world)
        stories, left_out = _prepare(process, read_template(root, process), world, clock)
        _begin(stories, sandbox.url, echo)
        for number, at in enumerate(Play(clock, days, bot.run).perform(stories)):
            if number == 0:
                _show(at, stories, echo)
        _tell(stories, left_out, echo)
        _show(clock(), stories, echo)
        _end(stories, bot, echo)
        _write(output, board_page(world, sandbox.boards).encode())
        echo(f"\nThe board as a page, with everything that was said: {output}")
        for draft in reversed(world.list_files(PROJECT)):
            _write(output.with_name(draft.name), draft.content)
            echo(f"A letter as the CSM gets it, to open in a mail program: {output.with_name(draft.name)}")
        if is_served:
            clock.let_go()
            sandbox.run_triage = bot.report
            _invite(sandbox, stories, echo)
            wait()
        else:
            echo(f"Now be one of them, in your browser: {_bold(f'{_command()} demo --serve')}")


def _begin(stories: Sequence[Story], url: str, echo: Echo) -> None:
    echo(_bold("Eight accounts leave their CSM for CSE+: four weeks in a few seconds"))
    echo("The people are samples and do what people do on GitLab's page: edit, tick, comment, drag, close. After")
    echo(f"them runs the code of `handover triage --apply`, on a stand-in for GitLab at {url}.")
    echo("Behind each arrow stands what the bot made of it: the stage that it found, and whom it told what.")
    echo(textwrap.fill(tell_cast(stories), WIDTH))


def _prepare(
    process: Process, template: str, world: World, clock: TravellingClock
) -> tuple[list[Story], list[tuple[str, str]]]:
    """Return the stories that can be told with *process*, and those that cannot: title and why."""
    stories, left_out = [], []
    for outline in OUTLINES:
        try:
            stories.append(Story(outline, process, template, world, clock))
        except UntellableError as error:
            left_out.append((f"{outline.customer}: {outline.title}", str(error)))
    return stories, left_out


def _show(at: datetime, stories: Sequence[Story], echo: Echo) -> None:
    echo(f"\n{_bold(f'The board on {at:%A}, {at.day} {at:%B}')}")
    for line in show_board(stories):
        echo(line)


def _tell(stories: Sequence[Story], left_out: Iterable[tuple[str, str]], echo: Echo) -> None:
    for story, lines in zip(stories, tell_stories(stories), strict=True):
        echo(f"\n{_bold(f'#{story.iid} {story.outline.customer}: {story.outline.title}')}")
        for line in lines:
            echo(line)
    for title, why in left_out:
        echo(f"\n{_bold(title)}\n  Left out: {why}.")


def _end(stories: Sequence[Story], bot: Bot, echo: Echo) -> None:
    echo(f"  ✓ closed   ! {GATE_MISSED}: somebody went past a gate")
    rows = bot.run()
    if writes := sum(len(row["actions"]) for row in rows):
        raise StoryError(f"The demo found a bug: a run without news should write nothing, and it wrote {writes} times.")
    echo(f"One more run, without any news: {len(rows)} unfinished handovers judged, nothing written, nobody told.")
    echo(f"\n{_bold('What they teach')}")
    width = max(len(story.outline.customer) for story in stories)
    for story in stories:
        echo(f"  {story.outline.customer:<{width}}  {story.outline.lesson}")


def _write(output: Path, content: bytes) -> None:
    try:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_bytes(content)
    except OSError as error:
        raise UsageError(f"The demo cannot write to {output}: {error.strerror}. Choose another --output.") from None


def _invite(sandbox: Sandbox, stories: Sequence[Story], echo: Echo) -> None:
    echo(f"\nNow be one of them: {_bold(sandbox.url)}")
    _name_people(sandbox.world, echo)
    for story in stories:
        stage = next((each for each in story.process.stages[1:] if each.key == story.stage), None)
        fields = [each for each in story.process.fields.values() if stage and each.section in stage.sections]
        if stage and not fields and not story.alarms():
            signer = sandbox.world.user(story.signer(story.boxes(stage)[0])).name
            echo(f"Try this: as {signer}, open {story.issue.title} and tick the boxes of {stage.key};")
            echo("then press “Run triage”. Then see what happens when somebody else ticks them.")
            break
    echo("Everything is gone when you stop it with Ctrl-C.")


# --- the sandbox alone ------------------------------------------------------------------------------------------------


def run_sandbox(repository: Repository, root: Path, echo: Echo, port: int, wait: Wait = wait_for_interrupt) -> None:
    """Serve a project with the people of the repository's configuration and a blank handover of each process.

    It stays open until *wait* returns.

    Raises:
        UsageError: the port is taken.
    """
    world = World()
    configuration = repository.configuration
    token = populate(world, configuration)
    processes = _newest(repository)
    _furnish(world, processes, root)
    for process in processes:
        author = find_starter(configuration, process)
        world.create_issue(PROJECT, author, f"{process.title}: a blank one", read_template(root, process))
    with _open_sandbox(world, processes, port) as sandbox:
        bot = Bot(sandbox.url, token, repository, world)
        sandbox.run_triage = bot.report
        echo(f"A stand-in for GitLab, with a blank handover of each process, is open at {_bold(sandbox.url)}")
        _name_people(world, echo)
        echo("\nTo let the bot judge it, from here in another terminal:\n")
        echo(f"  export HANDOVER_GITLAB_URL={sandbox.url}")
        echo(f"  export HANDOVER_PROJECT={PROJECT}")
        echo(f"  export HANDOVER_TOKEN={token}")
        echo(f"  export HANDOVER_STATE_KEY={bot.key}")
        echo(f"  {_command()} triage --apply")
        echo("\nEverything is gone when you stop it with Ctrl-C.")
        wait()


# --- pieces of both ---------------------------------------------------------------------------------------------------


def _open_sandbox(world: World, processes: Iterable[Process], port: int) -> Sandbox:
    boards = {each.title: [*(stage.label for stage in each.stages), each.complete_label] for each in processes}
    try:
        return Sandbox(world, port=port, boards=boards)
    except OSError as error:
        raise UsageError(f"Port {port} cannot be used: {error.strerror}. Choose another with --port.") from None


def _furnish(world: World, processes: Sequence[Process], root: Path) -> None:
    """Give the project its labels and issue templates."""
    for process in processes:
        for label in (*(stage.label for stage in process.stages), process.complete_label):
            world.add_label(PROJECT, label)
    world.add_label(PROJECT, GATE_MISSED, _RED)
    world.set_templates(PROJECT, {process.template: read_template(root, process) for process in processes})


def _newest(repository: Repository) -> list[Process]:
    """Return the newest version of each process, the main one first."""
    found = {id_: repository.processes[id_, version] for id_, version in sorted(repository.processes)}
    return sorted(found.values(), key=lambda each: each.id != _MAIN_PROCESS)


def _main_process(repository: Repository) -> Process:
    """Return the process to tell stories of: the main one, else one that can send back, else any."""
    return min(
        _newest(repository),
        key=lambda each: (each.id != _MAIN_PROCESS, not any(stage.sends_back_to for stage in each.stages)),
    )


def _name_people(world: World, echo: Echo) -> None:
    names = join_words([user.name for user in world.users.values() if not user.is_bot])
    echo(textwrap.fill(f"Choose at the top of the page who you are: {names}.", WIDTH))


def _command() -> str:
    """Return how this program can be called again: by name where the shell finds it, else by its path."""
    path = Path(sys.argv[0])
    if path.name != "handover" or shutil.which("handover"):
        return "handover"
    return str(path.relative_to(Path.cwd()) if path.is_relative_to(Path.cwd()) else path)


def _bold(text: str) -> str:
    return click.style(text, bold=True)
