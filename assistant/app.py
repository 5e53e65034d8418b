"""Wires the parts: settings to an opened index, an embedder and the chain, and a newer index when there is one."""

from __future__ import annotations

