"""Blocks as JSON, with each path written once: how the sandbox returns the blocks of a text."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.text.transcript import Block, Role


def blocks_to_json(blocks: Sequence[Block]) -> dict[str, object]:
    """Returns blocks in types that JSON has."""
    paths: dict[tuple[str, ...], int] = {}
    rows = [
        [
            block.role,
            block.start,
            block.end,
            paths.setdefault(block.path, len(paths)),
            block.level,
            block.lead_in,
            block.question,
            block.heads,
        ]
        for block in blocks
    ]
    return {"blocks": rows, "paths": list(paths)}


def blocks_from_json(reply: Mapping[str, Any]) -> tuple[Block, ...]:
    """Reverses `blocks_to_json`. Raises `IndexError`, `KeyError`, `TypeError` or `ValueError` for anything else."""
    paths = [tuple(map(str, path)) for path in reply["paths"]]
    return tuple(
        Block(
            Role(role),
            int(start),
            int(end),
            paths[path],
            int(level),
            None if lead_in is None else int(lead_in),
            None if question is None else int(question),
            tuple(map(int, heads)),
        )
        for role, start, end, path, level, lead_in, question, heads in reply["blocks"]
    )
