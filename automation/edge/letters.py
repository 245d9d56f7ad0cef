"""Load and check letters/: the prose, and the rules that several letters share."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from automation.core.agreement import Disagreement
from automation.core.configuration import Configuration
from automation.core.letters.agreement import find_links, judge_letter, judge_words
from automation.core.letters.book import Book
from automation.core.letters.model import Letter, Rule
from automation.core.letters.phrase_grammar import PhraseError, compile_phrase
from automation.core.letters.templates import find_included
from automation.core.model import Process
from automation.core.recognition import Processes
from automation.edge.documents import LoadedFile, find_problems, load_schema, load_yaml, parse_yaml, read_text
from automation.errors import Problem, RepositoryError

LETTER_SCHEMA = "schemas/letter.schema.json"
RULES = "letters/rules.yml"
_ENDING = ".md.j2"
_MOST_BYTES = 100_000
_HEAD = re.compile(r"\A---[ \t]*\n(?P<head>.*?\n)---[ \t]*(?:\n|\Z)", re.DOTALL)
_NAME = re.compile(r"[a-z][a-z0-9-]{0,60}")


def load_letters(root: Path, processes: Processes) -> Book:
    """Load the letters; each fits its process and holds nothing that a letter must not. None where there are none.

    Raises:
        RepositoryError: with every problem of every letter.
    """
    problems: list[Problem] = []
    files = _load_files(root, problems)
    letters = {name: letter for name, (letter, _) in files.items()}
    book = Book(letters)
    versions: dict[str, frozenset[int]] = {}
    for letter, file in files.values():
        known = [process for (id, _), process in processes.items() if id == letter.process]
        if not known:
            ids = ", ".join(dict.fromkeys(id for id, _ in processes))
            problems.append(file.problem(["process"], f"there is no process `{letter.process}`; there is {ids}."))
            continue
        problems += _placed(file, judge_letter(book, letter, _newest(processes, letter)))
        # An issue of an older version may lack what the letter needs; it is not offered there.
        versions[letter.name] = frozenset(each.version for each in known if not any(judge_letter(book, letter, each)))
    if problems:
        raise RepositoryError(tuple(problems))
    return Book(letters, {name: _fitting(letters[name], letters, versions) for name in letters})


def _fitting(letter: Letter, letters: Mapping[str, Letter], versions: Mapping[str, frozenset[int]]) -> frozenset[int]:
    """Return the versions of its process that a letter fits, with all that it includes."""
    included = find_included(letter.body) & set(letters)
    return versions[letter.name].intersection(*(versions[each] for each in included))


def check_letters(root: Path, book: Book, processes: Processes, configuration: Configuration) -> tuple[Problem, ...]:
    """Find what the letters of *book*, filled in with made-up facts, say wrongly or do not say."""
    problems: list[Problem] = []
    for letter in book.letters.values():
        found = judge_words(book, letter, _newest(processes, letter), configuration.letters.allowed_links)
        problems += _placed(_read(root, letter.name)[0], found)
    return tuple(problems)


def check_links(
    book: Book, processes: Processes, ask: Callable[[Iterable[str]], Mapping[str, str]]
) -> tuple[Problem, ...]:
    """Ask every address that the letters link to. *ask* returns what is wrong with each, "" for nothing."""
    found = [(letter, find_links(book, letter, _newest(processes, letter))) for letter in book.letters.values()]
    answers = ask(dict.fromkeys(link for _, links in found for link in links))
    if len(answers) > 1 and len(set(answers.values())) == 1 and all(answers.values()):
        (why,) = set(answers.values())
        return (Problem("letters", 0, f"none of the {len(answers)} links could be asked: {why} Is there a network?"),)
    return tuple(
        Problem(letter.path, line, f"{link}: {answers[link]}")
        for letter, links in found
        for link, line in links.items()
        if answers.get(link)
    )


def load_heads(root: Path) -> tuple[LoadedFile, ...]:
    """Load the heads of the letters and the shared rules, for what they cite."""
    rules = [load_yaml(root, RULES)] if (root / RULES).is_file() else []
    return (*rules, *(_read(root, name)[0] for name in _names(root)))


def _load_files(root: Path, problems: list[Problem]) -> dict[str, tuple[Letter, LoadedFile]]:
    found: dict[str, tuple[Letter, LoadedFile]] = {}
    names = _names(root)
    if not names and not (root / "letters").is_dir():
        return found
    try:
        schema = load_schema(root, LETTER_SCHEMA).content
        rules = _load_rules(root, schema)
    except RepositoryError as error:
        problems += error.problems
        return found
    problems += [
        Problem(f"letters/{path.name}", 0, f"the name of a letter ends in {_ENDING}; this file is read by nobody.")
        for path in sorted((root / "letters").iterdir())
        if not path.name.endswith(_ENDING) and path.name != Path(RULES).name and not path.name.startswith(".")
    ]
    for name in names:
        try:
            found[name] = _load_letter(root, name, schema, rules)
        except RepositoryError as error:
            problems += error.problems
    return found


def _names(root: Path) -> list[str]:
    return sorted(path.name.removesuffix(_ENDING) for path in (root / "letters").glob(f"*{_ENDING}"))


def _load_rules(root: Path, schema: Mapping[str, Any]) -> dict[str, Rule]:
    if not (root / RULES).exists():
        return {}
    _refuse_large(root, RULES)
    file = load_yaml(root, RULES)
    problems = find_problems(file, {"$ref": "#/$defs/shared-rules", "$defs": schema["$defs"]})
    for name, rule in (file.content or {}).items() if not problems else ():
        for number, phrase in enumerate(rule["phrases"]):
            try:
                compile_phrase(phrase)
            except PhraseError as error:
                problems += (file.problem([name, "phrases", number], f"{name}: {error}"),)
    if problems:
        raise RepositoryError(problems)
    return {name: _build_rule(each) for name, each in (file.content or {}).items()}


def _load_letter(
    root: Path, name: str, schema: Mapping[str, Any], rules: Mapping[str, Rule]
) -> tuple[Letter, LoadedFile]:
    head, body, first_line = _read(root, name)
    problems = list(find_problems(head, schema))
    if not _NAME.fullmatch(name):
        problems.append(Problem(head.path, 0, "call the file by small letters, digits and hyphens."))
    if not problems:
        for key in ("must_say", "must_not_say"):
            problems += [
                head.problem([key, number], f"{key}: there is no rule `{each}` in {RULES}.")
                for number, each in enumerate(head.content[key])
                if isinstance(each, str) and each not in rules
            ]
    if problems:
        raise RepositoryError(tuple(problems))
    return _build_letter(name, head.content, body, first_line, rules), head


def _read(root: Path, name: str) -> tuple[LoadedFile, str, int]:
    """Read a letter: its head, its text, and the line of the file in which the text begins.

    Raises:
        RepositoryError: it is too large, or has no head, or one that is no YAML.
    """
    path = f"letters/{name}{_ENDING}"
    _refuse_large(root, path)
    text = read_text(root, path).replace("\r\n", "\n")
    match = _HEAD.match(text)
    if match is None:
        message = "a letter begins with its head: a line ---, what docs/letters.md lists, and another line ---."
        raise RepositoryError((Problem(path, 1, message),))
    return parse_yaml(path, match["head"], above=1), text[match.end() :], match[0].count("\n") + 1


def _refuse_large(root: Path, path: str) -> None:
    """Refuse what is no file, or too large to be read.

    Raises:
        RepositoryError: it is.
    """
    try:
        size = (root / path).stat().st_size if (root / path).is_file() else -1
    except OSError:
        size = -1
    if size < 0:
        raise RepositoryError((Problem(path, 1, "this is no file that can be read."),))
    if size > _MOST_BYTES:
        message = f"this file has {size:,} bytes; a letter has at most {_MOST_BYTES:,}."
        raise RepositoryError((Problem(path, 1, message),))


def _build_letter(name: str, head: Mapping[str, Any], body: str, first_line: int, rules: Mapping[str, Rule]) -> Letter:
    def ruled(key: str) -> tuple[Rule, ...]:
        return tuple(rules[each] if isinstance(each, str) else _build_rule(each) for each in head[key])

    return Letter(
        name=name,
        title=head["title"],
        version=head["version"],
        process=head["process"],
        stage=head["stage"],
        audience=head["audience"],
        subject=head["subject"],
        body=body,
        first_line=first_line,
        sender=head["from"],
        to=tuple(head["to"]),
        cc=tuple(head.get("cc", ())),
        bcc=tuple(head.get("bcc", ())),
        signed=tuple(head.get("signed", ())),
        ticks=tuple(head.get("ticks", ())),
        agreed_on=head.get("agreed_on", ""),
        sent_on=head.get("sent_on", ""),
        when=_build_when(head),
        must_say=ruled("must_say"),
        must_not_say=ruled("must_not_say"),
    )


def _build_rule(content: Mapping[str, Any]) -> Rule:
    return Rule(content["title"], tuple(content["phrases"]), tuple(content["source"]), _build_when(content))


def _build_when(content: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    return {key: tuple(values) for key, values in content.get("when", {}).items()}


def _newest(processes: Processes, letter: Letter) -> Process:
    return processes[max(key for key in processes if key[0] == letter.process)]


def _placed(file: LoadedFile, found: Iterable[Disagreement]) -> Iterator[Problem]:
    for each in found:
        yield Problem(file.path, each.line, each.message) if each.line else file.problem(each.place, each.message)
