"""Load and check everything that lies in the repository: schemas, templates, configuration, the bot's texts."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import jinja2
import jinja2.meta

from automation.core.agreement import Disagreement, judge_configuration, judge_roles, judge_schema, judge_template
from automation.core.checklist import find_process_lines, parse_sheet
from automation.core.comments import Words, build_words
from automation.core.configuration import Configuration, build_configuration
from automation.core.entries import (
    FINDING_VALUES,
    FINDING_WORDS,
    LETTER_VALUES,
    LETTER_WORDS,
    PING_VALUES,
    STATUS_VALUES,
)
from automation.core.letters.book import Book
from automation.core.markdown import UnreadableMarkdownError
from automation.core.model import Process
from automation.core.process import build_process
from automation.core.recognition import Processes
from automation.edge.coverage import find_unknown_rows
from automation.edge.documents import LoadedFile, find_problems, load_json, load_schema, load_yaml, read_text
from automation.edge.letters import LETTER_SCHEMA, check_letters, check_links, load_letters
from automation.edge.pipeline import check_pipeline
from automation.errors import Problem, RepositoryError

DIALECT = "schemas/dialect.schema.json"
CONFIG_SCHEMA = "schemas/config.schema.json"
CONFIGURATION = ".gitlab/handover.yml"
TEMPLATES = ".gitlab/issue_templates"
_OTHER_SCHEMAS = (DIALECT, CONFIG_SCHEMA, LETTER_SCHEMA)
COMMENTS = Path(__file__).parent.parent / "comments"
_SCHEMA_NAME = re.compile(r"(?P<id>[a-z][a-z0-9-]*)(?:\.v(?P<version>[0-9]+))?\.schema\.json")


@dataclass(frozen=True, slots=True)
class Repository:
    """All that is decided in files: the processes by id and version, the people, the words, the letters."""

    processes: Processes
    configuration: Configuration
    words: Words
    letters: Book = field(default_factory=Book)


def check_repository(
    root: Path, ask: Callable[[Iterable[str]], Mapping[str, str]] | None = None
) -> tuple[Problem, ...]:
    """Return every problem of every file, those of the pipeline and of citations too, which no job but CI needs.

    *ask* asks the addresses that letters link to and returns what is wrong with each; without it nothing is sent.
    """
    problems: list[Problem] = []
    processes, configuration, _ = _load(root, problems)
    if configuration is not None:
        places = load_yaml(root, CONFIGURATION)
        problems += _placed(places, judge_roles(tuple(processes.values()), configuration))
    is_sound = not problems
    problems += _find_orphans(root) if is_sound else []
    if is_sound and configuration is not None:
        people = configuration
        _collect(problems, lambda: problems.extend(_check_letters(root, processes, people, ask)), None)
    problems += _collect(problems, lambda: check_pipeline(root), ())
    problems += _collect(problems, lambda: find_unknown_rows(root), ())
    return tuple(dict.fromkeys(problems))


def load_repository(root: Path) -> Repository:
    """Load what the jobs need of the repository at *root*.

    A role that nobody holds stops no job: the handovers that name somebody for it say so, the others go on.

    Raises:
        RepositoryError: with every problem of every file, each with its line and what to write.
    """
    problems: list[Problem] = []
    processes, configuration, words = _load(root, problems)
    letters = Book()
    if not problems:
        letters = _collect(problems, lambda: load_letters(root, processes), letters)
    if problems or configuration is None or words is None:
        raise RepositoryError(tuple(dict.fromkeys(problems)))
    return Repository(processes, configuration, words, letters)


def _load(root: Path, problems: list[Problem]) -> tuple[Processes, Configuration | None, Words | None]:
    """Load as much as can be, and add every problem to *problems*."""
    return (
        _collect(problems, lambda: _load_processes(root, problems), {}),
        _collect(problems, lambda: load_configuration(root), None),
        _collect(problems, load_words, None),
    )


def load_processes(root: Path) -> Processes:
    """Load the processes alone, with all their versions.

    Raises:
        RepositoryError: with every problem of every schema and template.
    """
    problems: list[Problem] = []
    processes: Processes = _collect(problems, lambda: _load_processes(root, problems), {})
    if problems:
        raise RepositoryError(tuple(dict.fromkeys(problems)))
    return processes


def load_configuration(root: Path) -> Configuration:
    """Load .gitlab/handover.yml.

    Raises:
        RepositoryError: it is missing or not what config.schema.json allows.
    """
    file = load_yaml(root, CONFIGURATION)
    problems = find_problems(file, load_schema(root, CONFIG_SCHEMA).content)
    if problems:
        raise RepositoryError(problems)
    configuration = build_configuration(file.content)
    problems = tuple(_placed(file, judge_configuration(configuration)))
    if problems:
        raise RepositoryError(problems)
    return configuration


def guess_operations(root: Path) -> tuple[str, ...]:
    """Read who is to be told from a configuration that is wrong somewhere, as far as it can be made out."""
    try:
        text = read_text(root, CONFIGURATION)
    except RepositoryError:
        return ()
    line = re.search(r"(?m)^operations:[ \t]*\[([^\]\n]*)\]", text)
    names = [name.strip(" \t\"'") for name in line[1].split(",")] if line else []
    return tuple(name for name in names if re.fullmatch(r"[A-Za-z0-9_][A-Za-z0-9_.-]*", name) and name != "all")


def load_words() -> Words:
    """Load what the bot says.

    Raises:
        RepositoryError: a text is missing, is no Jinja2 template, or uses a value that does not exist.
    """
    try:
        file = load_yaml(COMMENTS, "findings.yml")
    except RepositoryError as error:
        raise RepositoryError(tuple(_in_comments(problem) for problem in error.problems)) from None
    entries, wanted = file.content if isinstance(file.content, dict) else {}, FINDING_WORDS | LETTER_WORDS
    problems = [Problem(file.path, 0, f"the entry `{each}` is missing.") for each in sorted(wanted - set(entries))]
    for name, entry in entries.items():
        if name not in wanted:
            problems.append(file.problem([name], "no finding uses this entry; delete it."))
        elif not isinstance(entry, dict) or not all(isinstance(entry.get(each), str) for each in ("message", "repair")):
            problems.append(file.problem([name], f"`{name}` needs `message` and `repair`, each a text."))
        else:
            found = (_judge_text(entry[each], FINDING_VALUES) for each in ("message", "repair"))
            problems += [file.problem([name, "message"], message) for _, message in filter(None, found)]
    used = {"status.md.j2": STATUS_VALUES, "ping.md.j2": PING_VALUES, "letter.md.j2": LETTER_VALUES}
    texts = {name: read_text(COMMENTS, name) for name in used}
    for name, values in used.items():
        trouble = _judge_text(texts[name], values)
        if trouble is not None:
            problems.append(Problem(name, *trouble))
    if problems:
        raise RepositoryError(tuple(_in_comments(problem) for problem in problems))
    return build_words(texts["status.md.j2"], texts["ping.md.j2"], texts["letter.md.j2"], entries)


def _in_comments(problem: Problem) -> Problem:
    return Problem(f"automation/comments/{problem.path}", problem.line, problem.message)


def _judge_text(text: str, values: frozenset[str]) -> tuple[int, str] | None:
    """Return line and message of what is wrong with a text of the bot, None when it is right."""
    try:
        used = jinja2.meta.find_undeclared_variables(jinja2.Environment(autoescape=True).parse(text))
    except jinja2.TemplateSyntaxError as error:
        return error.lineno, f"{error.message}."
    unknown = sorted(used - values)
    if not unknown:
        return None
    line = next((number for number, each in enumerate(text.split("\n"), 1) if unknown[0] in each), 0)
    return line, f"there is no value `{unknown[0]}`."


def _collect(problems: list[Problem], load: Callable[[], Any], default: Any) -> Any:
    try:
        return load()
    except RepositoryError as error:
        problems += error.problems
        return default


# --- processes --------------------------------------------------------------------------------------------------------


def _load_processes(root: Path, problems: list[Problem]) -> dict[tuple[str, int], Process]:
    dialect = load_schema(root, DIALECT)
    found: dict[tuple[str, int], Process] = {}
    names = sorted(path.name for path in (root / "schemas").glob("*.schema.json"))
    for name in (each for each in names if f"schemas/{each}" not in _OTHER_SCHEMAS):
        process = _collect(problems, partial(_load_process, root, name, dialect.content), None)
        if process is not None:
            found[process.id, process.version] = process
    if not found and not problems:
        problems.append(Problem("schemas", 0, "there is no process: add schemas/<process>.schema.json."))
    return found


def load_drafts(root: Path) -> tuple[dict[str, Process], frozenset[str]]:
    """Load every process whose schema is sound, whether or not its template and its name fit it.

    Returns:
        The processes by path, and the paths of the other schemas.
    """
    found: dict[str, Process] = {}
    paths = [f"schemas/{path.name}" for path in sorted((root / "schemas").glob("*.schema.json"))]
    paths = [path for path in paths if path not in _OTHER_SCHEMAS]
    for path in paths:
        try:
            file, dialect = load_json(root, path), load_schema(root, DIALECT).content
        except RepositoryError:
            continue
        process = build_process(file.content, dialect) if not find_problems(file, dialect) else None
        if process is not None and not any(judge_schema(process)):
            found[path] = process
    return found, frozenset(paths) - frozenset(found)


def _load_process(root: Path, name: str, dialect: Mapping[str, Any]) -> Process:
    file = load_json(root, f"schemas/{name}")
    problems = find_problems(file, dialect)
    if problems:
        raise RepositoryError(problems)
    process = build_process(file.content, dialect)
    problems = tuple(_placed(file, judge_schema(process)))
    match = _SCHEMA_NAME.fullmatch(name)
    is_old = bool(match and match["version"])
    if match is None or match["id"] != process.id or (is_old and int(match["version"]) != process.version):
        wanted = f"schemas/{process.id}{f'.v{process.version}' if is_old else ''}.schema.json"
        problems += (file.problem(["x-process"], f"a file with this id and version must be called {wanted}."),)
    if not is_old and not problems:
        problems += _check_template(root, process)
    if problems:
        raise RepositoryError(problems)
    return process


def _check_template(root: Path, process: Process) -> tuple[Problem, ...]:
    path = f"{TEMPLATES}/{process.template}.md"
    try:
        found = judge_template(process, read_text(root, path))
        return tuple(Problem(path, each.line, each.message) for each in found)
    except UnreadableMarkdownError as error:
        return (Problem(path, 0, f"{error}."),)


def _find_orphans(root: Path) -> list[Problem]:
    """Find templates that name a process of which there is no schema: nobody would judge an issue made from them."""
    found = []
    for path in sorted((root / TEMPLATES).glob("*.md")):
        name = f"{TEMPLATES}/{path.name}"
        try:
            lines = [each for each in find_process_lines(parse_sheet(read_text(root, name))) if each.id]
        except (RepositoryError, UnreadableMarkdownError):
            continue
        for line in lines:
            if not (root / f"schemas/{line.id}.schema.json").is_file():
                message = f"there is no schemas/{line.id}.schema.json: add it, or delete this template."
                found.append(Problem(name, line.line, message))
    return found


def _check_letters(
    root: Path,
    processes: Processes,
    configuration: Configuration,
    ask: Callable[[Iterable[str]], Mapping[str, str]] | None,
) -> tuple[Problem, ...]:
    book = load_letters(root, processes)
    problems = check_letters(root, book, processes, configuration)
    # Only what is allowed is asked.
    return problems if problems or ask is None else check_links(book, processes, ask)


def _placed(file: LoadedFile, found: Iterable[Disagreement]) -> list[Problem]:
    return [file.problem(each.place, each.message) for each in found]
