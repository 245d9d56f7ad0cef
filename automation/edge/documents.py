"""Read JSON and YAML files so that every problem can name its line."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from jsonschema import Draft202012Validator, FormatChecker
from jsonschema.exceptions import SchemaError, ValidationError

from automation.errors import Problem, RepositoryError

_MOST_PROBLEMS = 50


@dataclass(frozen=True, slots=True)
class LoadedFile:
    """A parsed file. ``lines`` gives the line of each value by its path of keys and numbers."""

    path: str
    content: Any
    lines: Mapping[tuple[str | int, ...], int]

    def problem(self, place: Iterable[str | int], message: str) -> Problem:
        """Build a problem at the line of *place*, or of the nearest value around it."""
        keys = tuple(place)
        while keys and keys not in self.lines:
            keys = keys[:-1]
        return Problem(self.path, self.lines.get(keys, 1), message)


class _Yaml12(yaml.SafeLoader):
    """YAML as version 1.2 reads it: dates, times, ``off`` and ``NO`` stay text, as the schema expects them."""

    yaml_implicit_resolvers = {  # noqa: RUF012
        first: [(tag, pattern) for tag, pattern in found if not tag.endswith(("timestamp", "bool", "int"))]
        for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }


_Yaml12.add_implicit_resolver("tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$"), list("tf"))
_Yaml12.add_implicit_resolver("tag:yaml.org,2002:int", re.compile(r"^-?[0-9]+$"), list("-0123456789"))


def _read_mapping(loader: yaml.SafeLoader, node: yaml.MappingNode) -> dict[Any, Any]:
    """Read a mapping and refuse a key that stands twice: YAML would silently take the last."""
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node, deep=True)
        if key in seen:
            raise yaml.constructor.ConstructorError(None, None, f"the key `{key}` stands twice", key_node.start_mark)
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Yaml12.add_constructor("tag:yaml.org,2002:map", _read_mapping)


def read_text(root: Path, path: str) -> str:
    """Read a text file of the repository.

    Raises:
        RepositoryError: there is no such file, or it is not UTF-8.
    """
    try:
        return (root / path).read_text(encoding="utf-8-sig")
    except FileNotFoundError:
        raise RepositoryError((Problem(path, 0, "this file is missing."),)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise RepositoryError((Problem(path, 0, f"this file cannot be read: {error}."),)) from None


def load_texts(root: Path, folder: str, endings: tuple[str, ...]) -> dict[str, str]:
    """Load the texts of a folder whose names end like that, by path; what is no UTF-8 is read as well as can be."""
    paths = sorted(path for path in (root / folder).glob("*") if path.name.endswith(endings) and path.is_file())
    return {f"{folder}/{path.name}": path.read_bytes().decode("utf-8-sig", "replace") for path in paths}


def write_text(path: Path, text: str) -> None:
    """Write a text file, and the directories above it where they are missing."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8", newline="\n")


def load_json(root: Path, path: str) -> LoadedFile:
    """Load a JSON file.

    Raises:
        RepositoryError: it is missing or no JSON, with the line.
    """
    text = read_text(root, path)
    try:
        content = json.loads(text, object_pairs_hook=_without_duplicates)
    except json.JSONDecodeError as error:
        raise RepositoryError((Problem(path, error.lineno, f"this is not JSON: {error.msg}."),)) from None
    except RecursionError:
        raise RepositoryError((Problem(path, 1, "this file is nested too deeply."),)) from None
    except _DuplicateKeyError as error:
        line = text[: text.rfind(f'"{error.key}"')].count("\n") + 1
        raise RepositoryError((Problem(path, line, f"the key `{error.key}` stands twice."),)) from None
    return LoadedFile(path, content, find_lines(text))


def load_schema(root: Path, path: str) -> LoadedFile:
    """Load a JSON Schema.

    Raises:
        RepositoryError: it is missing, no JSON, or no sound schema.
    """
    file = load_json(root, path)
    try:
        Draft202012Validator.check_schema(file.content)
        for place, name in _references(file.content):
            if not _leads_somewhere(file.content, name):
                raise RepositoryError((file.problem(place, f"the reference {name} leads nowhere."),))
    except SchemaError as error:
        raise RepositoryError(
            (file.problem(error.absolute_path, f"this is no JSON Schema: {error.message}."),)
        ) from None
    return file


def _references(value: Any, place: tuple[str | int, ...] = ()) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, Mapping):
        if isinstance(value.get("$ref"), str):
            yield place, value["$ref"]
        for key, each in value.items():
            yield from _references(each, (*place, key))
    elif isinstance(value, list):
        for number, each in enumerate(value):
            yield from _references(each, (*place, number))


def _leads_somewhere(schema: Any, reference: str) -> bool:
    if not reference.startswith("#/"):
        return True
    for part in reference[2:].split("/"):
        if not isinstance(schema, Mapping) or part not in schema:
            return False
        schema = schema[part]
    return True


def load_yaml(root: Path, path: str) -> LoadedFile:
    """Load a YAML file.

    Raises:
        RepositoryError: it is missing or no YAML, with the line.
    """
    return parse_yaml(path, read_text(root, path))


def parse_yaml(path: str, text: str, above: int = 0) -> LoadedFile:
    """Parse YAML that stands in a file below *above* other lines.

    Raises:
        RepositoryError: it is no YAML, with the line in the file.
    """
    try:
        for token in yaml.scan(text, Loader=yaml.SafeLoader):
            if isinstance(token, yaml.AliasToken):
                line = token.start_mark.line + 1 + above
                raise RepositoryError((Problem(path, line, f"write out what `*{token.value}` stands for."),))
        lines = {place: line + above for place, line in find_lines(text).items()}
        return LoadedFile(path, yaml.load(text, Loader=_Yaml12), lines)  # noqa: S506 - a SafeLoader
    except RecursionError:
        raise RepositoryError((Problem(path, 1, "this file is nested too deeply."),)) from None
    except ValueError as error:
        raise RepositoryError((Problem(path, 1, f"a value in this file cannot be read: {error}."),)) from None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        said = getattr(error, "problem", None) or "it cannot be parsed"
        said = f"{said}. Put a text into quotes if it has a colon or begins with {{, [, * or @"
        raise RepositoryError(
            (Problem(path, mark.line + 1 + above if mark else 0, f"this is not YAML: {said}."),)
        ) from None


def find_problems(file: LoadedFile, schema: Mapping[str, Any]) -> tuple[Problem, ...]:
    """Hold a file against a schema; every problem says in the schema's own words what to write."""
    validator = Draft202012Validator(schema, format_checker=FormatChecker(["date"]))
    errors = sorted(validator.iter_errors(file.content), key=lambda error: [str(each) for each in error.absolute_path])
    problems = [_explain(file, leaf) for error in errors for leaf in _leaves(error)]
    return tuple(dict.fromkeys(problems))[:_MOST_PROBLEMS]


def _leaves(error: ValidationError) -> list[ValidationError]:
    """Return the errors that say most: of several alternatives, those of the one that came nearest."""
    if not error.context:
        return [error]
    branches: dict[object, list[ValidationError]] = {}
    for each in error.context:
        branches.setdefault(each.schema_path[0], []).append(each)
    nearest = max(branches.values(), key=lambda found: max(len(each.absolute_path) for each in found))
    return [leaf for each in nearest for leaf in _leaves(each)]


def _explain(file: LoadedFile, error: ValidationError) -> Problem:
    place = list(error.absolute_path)
    name = ".".join(str(each) for each in place) or "the file"
    schema: Any = error.schema
    described = schema.get("description") if isinstance(schema, Mapping) else None
    if error.validator in ("additionalProperties", "unevaluatedProperties", "required", "enum", "const"):
        message = error.message
    else:
        message = f"{error.message[:200]}{f': {described}' if described else ''}"
    return file.problem(place, f"{name}: {message}")


class _DuplicateKeyError(Exception):
    def __init__(self, key: str) -> None:
        super().__init__(key)
        self.key = key


def _without_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for key, value in pairs:
        if key in found:
            raise _DuplicateKeyError(key)
        found[key] = value
    return found


def find_lines(text: str) -> dict[tuple[str | int, ...], int]:
    """Return the line of every value; JSON is read as YAML here, which tells positions."""
    try:
        root = yaml.compose(text, Loader=yaml.SafeLoader)
    except yaml.YAMLError:
        return {}
    lines: dict[tuple[str | int, ...], int] = {}
    stack: list[tuple[tuple[str | int, ...], Any, Any]] = [((), root, root)]
    while stack:
        place, node, mark = stack.pop()
        if node is None:
            continue
        lines[place] = mark.start_mark.line + 1
        if isinstance(node, yaml.MappingNode):
            stack.extend(((*place, key.value), value, key) for key, value in node.value)
        elif isinstance(node, yaml.SequenceNode):
            stack.extend(((*place, number), value, value) for number, value in enumerate(node.value))
    return lines
