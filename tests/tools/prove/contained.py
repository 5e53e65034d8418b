"""The service as the Containerfile has it: not as root, a root file system that is only read, and one volume.

    python -m tests.tools.prove.contained

No container engine is needed: a mount namespace is what they make of it. Everything but the volume is made read-only,
`/tmp` and the home folder among it; the process has another user, no capability, and the environment that the
Containerfile sets. Linux, as the superuser.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory

import httpx

from tests.tools.prove.server import ROOT, say

VOLUME, USER = "/data", "10001"
CONTAINERFILE = ROOT / "Containerfile"
QUESTION = "What concerns did the inspector have?"
# An interpreter below a folder that only the superuser may enter is shown to the other user at the same place.
SETTING = """
set -e
mount --make-rprivate /
mount -t tmpfs -o mode=0700,uid={user},gid={user} volume {volume}
cp -r {sources} {volume}/sources
mkdir {volume}/tmp
chown -R {user}:{user} {volume}
{reach}
apart='^(proc|sysfs|devtmpfs|devpts|cgroup2?|mqueue)$'
for at in $(awk -v apart="$apart" '$2 != "{volume}" && $3 !~ apart {{print $2}}' /proc/self/mounts); do
    mount -o remount,bind,ro "$at" || true
done
cd {volume}
exec setpriv --reuid={user} --regid={user} --clear-groups --bounding-set=-all --inh-caps=-all --no-new-privs {command}
"""
REACH = """
mkdir {aside}
mount --bind {base} {aside}
mount -t tmpfs -o mode=0755 way {closed}
mkdir -p {base}
mount --move {aside} {base}
"""


def instructions(text: str) -> list[tuple[str, str]]:
    """The instructions of a Containerfile, as (name, value), lines that go on joined."""
    joined = re.sub(r"\\\n", " ", re.sub(r"(?m)^\s*#.*\n", "", text))
    pairs = (line.strip().partition(" ") for line in joined.splitlines() if line.strip())
    return [(name.upper(), value.strip()) for name, _, value in pairs]


def environment(text: str) -> dict[str, str]:
    """What the last stage of a Containerfile sets."""
    last = text[text.rindex("\nFROM ") :]
    set_ = [one for name, value in instructions(last) if name == "ENV" for one in shlex.split(value)]
    return dict(one.partition("=")[::2] for one in set_)


def serve_contained(volume: Path, port: int) -> dict[str, str]:
    """Serve with `volume` as the volume, and ask; what came of each step, `well` or what went wrong."""
    settings = environment(CONTAINERFILE.read_text(encoding="utf-8"))
    settings = {name: value.replace(VOLUME, str(volume)) for name, value in settings.items() if name != "PATH"}
    settings |= {"ASSISTANT_IDENTITY": "none", "ASSISTANT_PORT": str(port), "PYTHONPATH": str(ROOT)}
    script = _script(volume, f"{sys.executable} -m assistant serve")
    surroundings = {"PATH": os.environ["PATH"], **settings}
    command = ["unshare", "--mount", "sh", "-c", script]
    with subprocess.Popen(command, env=surroundings, stderr=subprocess.PIPE, text=True) as process:
        try:
            return _tried(process, port)
        finally:
            process.terminate()


def _script(volume: Path, command: str) -> str:
    base = Path(sys.base_prefix)
    closed = next((one for one in reversed(base.parents) if not one.stat().st_mode & 0o001), None)
    reach = "" if closed is None else REACH.format(base=base, closed=closed, aside=volume.parent / "aside")
    return SETTING.format(user=USER, volume=volume, sources=ROOT / "sources", reach=reach, command=command)


def _tried(process: subprocess.Popen[str], port: int) -> dict[str, str]:
    address, until = f"http://127.0.0.1:{port}", time.monotonic() + 300
    while process.poll() is None and time.monotonic() < until:
        try:
            httpx.get(f"{address}/health", trust_env=False)
            break
        except httpx.TransportError:
            time.sleep(0.2)
    else:
        assert process.stderr is not None
        return {"serve": f"ended: {process.stderr.read()[-2000:]}"}
    asked = httpx.post(f"{address}/api/v1/ask", json={"question": QUESTION}, trust_env=False, timeout=60).json()
    status = Path(f"/proc/{process.pid}/status").read_text(encoding="ascii")
    ids, capabilities = (re.search(rf"{name}:\s+(.*)", status) for name in ("Uid", "CapEff"))
    assert ids is not None
    assert capabilities is not None
    return {
        "serve": "well",
        "ask": "well" if asked["status"] == "answered" else str(asked),
        "user": "well" if set(ids[1].split()) == {USER} else ids[1],
        "capabilities": "well" if int(capabilities[1], 16) == 0 else capabilities[1],
        "read-only": _writable(process.pid),
    }


def _writable(pid: int) -> str:
    """Whether, as the process sees it, any disk but the volume can be written to; engines leave /dev/shm as it is."""
    kinds = {"proc", "sysfs", "devtmpfs", "devpts", "cgroup", "cgroup2", "mqueue"}
    mounts = [line.split() for line in Path(f"/proc/{pid}/mounts").read_text(encoding="utf-8").splitlines()]
    found = [
        at
        for name, at, kind, options, *_ in mounts
        if "rw" in options.split(",") and kind not in kinds and name != "volume" and at != "/dev/shm"
    ]
    return f"can be written to: {found}" if found else "well"


def run(seed: int = 1, *, full: bool = True) -> int:
    """Run it and print what came of it; 0 when all is well, else 1."""
    with TemporaryDirectory() as folder:
        volume = Path(folder) / "volume"
        volume.mkdir()
        Path(folder).chmod(0o755)
        outcomes = serve_contained(volume, 7899)
    for name, how in outcomes.items():
        say(f"{name}: {how}")
    return int(any(how != "well" for how in outcomes.values()))


if __name__ == "__main__":
    sys.exit(run())
