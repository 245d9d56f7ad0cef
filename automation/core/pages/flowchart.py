"""Draw a process as a Mermaid flowchart: stages, who works on them, the gates between, returns and the end."""

from __future__ import annotations

from collections.abc import Iterator

from automation.core.model import Process, Stage
from automation.core.pages.conditions import listed
from automation.core.pages.demands import Demands
from automation.core.pages.escaping import mermaid_label
from automation.core.role_names import role_names, signer_names

_LONGEST = 80


def draw_flowchart(process: Process, demands: Demands) -> str:
    """Draw *process*, in the plainest syntax: GitLab's Mermaid is not always the newest.

    A stage under a condition has a dashed border and says its condition.
    """
    lines = ["flowchart TD"]
    places = {stage.key: f"stage{number}" for number, stage in enumerate(process.stages, 1)}
    when = {stage.key: demands.of_stage(process, stage) for stage in process.stages}
    for stage in process.stages:
        label = mermaid_label(stage.title, _who(process, stage), _only(when[stage.key]))
        lines.append(f"  {places[stage.key]}[{label}]")
    lines.append(f"  complete([{mermaid_label('Complete')}])")
    ends = [*places.values(), "complete"]
    for stage, source, target in zip(process.stages, ends, ends[1:], strict=False):
        lines.append(f"  {source} -->|{mermaid_label(*_gate(process, stage, demands))}| {target}")
    for stage in process.stages:
        if stage.sends_back_to:
            label = mermaid_label("send back")
            lines.append(f"  {places[stage.key]} -.->|{label}| {places[stage.sends_back_to]}")
    if maybe := [places[stage.key] for stage in process.stages if when[stage.key]]:
        lines += ["  classDef maybe stroke-dasharray: 5 5", f"  class {','.join(maybe)} maybe"]
    return "\n".join(lines)


def _who(process: Process, stage: Stage) -> str:
    return "who the activity says" if stage.follows_activity else " and ".join(role_names(process, stage.responsible))


def _only(when: tuple[str, ...]) -> str:
    said = f"only when {', or when '.join(when)}" if when else ""
    return said if len(said) <= _LONGEST else "only sometimes, see below"


def _gate(process: Process, stage: Stage, demands: Demands) -> Iterator[str]:
    """Yield what a gate asks for in short: how many boxes at most, and whose signatures."""
    boxes = [
        item
        for item in process.items.values()
        if item.section in stage.sections and not item.is_advisory and not item.is_forbidden
    ]
    is_exact = {demands.when(item.code) for item in boxes} <= {(), demands.of_stage(process, stage)}
    yield f"{'' if is_exact else 'up to '}{len(boxes)} box{'es' if len(boxes) > 1 else ''}"
    signed = [item for item in boxes if item.signed_by]
    signers = dict.fromkeys(listed(signer_names(process, item.signed_by)) for item in signed)
    named = f"signed by {', '.join(signers)}"
    if signers:
        yield named if len(named) <= _LONGEST else f"{len(signed)} signature{'s' if len(signed) > 1 else ''}"
