"""What `tests.tools.prove.airgap` does in its namespace: each step by itself, with the attempts to leave that it
made.
"""

from __future__ import annotations

import fcntl
import json
import os
import socket
import struct
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.tools.prove.server import ROOT, serving

NOWHERE = "192.0.2.1"  # a documentation address (RFC 5737)
SIOCGIFFLAGS, SIOCSIFFLAGS, IFF_UP = 0x8913, 0x8914, 1
QUESTION = "What concerns did the inspector have?"


def seal(folder: Path) -> None:
    """Bring the loopback interface up, and have names looked up where there is no way to."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as one:
        asked = struct.pack("16sH14x", b"lo", 0)
        flags = struct.unpack("16sH14x", fcntl.ioctl(one, SIOCGIFFLAGS, asked))[1]
        fcntl.ioctl(one, SIOCSIFFLAGS, struct.pack("16sH14x", b"lo", flags | IFF_UP))
    resolver = folder / "resolv.conf"
    resolver.write_text(f"nameserver {NOWHERE}\noptions attempts:1 timeout:1\n", encoding="ascii")
    subprocess.run(["mount", "--bind", str(resolver), os.path.realpath("/etc/resolv.conf")], check=True)


def attempts(*, six: bool = True) -> int:
    """How often anything in this namespace tried to send or connect where there is no route, so far.

    Without `six`, by IPv4 alone, which is how names are looked up here: Chromium tries time and again whether IPv6
    would reach a certain address, by a socket that it sends nothing from.
    """
    lines = Path("/proc/net/snmp").read_text(encoding="ascii").splitlines()
    names, values = (line.split() for line in lines if line.startswith("Ip:"))
    by_six = dict(line.split() for line in Path("/proc/net/snmp6").read_text(encoding="ascii").splitlines())
    return int(values[names.index("OutNoRoutes")]) + (int(by_six["Ip6OutNoRoutes"]) if six else 0)


def control(folder: Path) -> str:
    """Leave on purpose: by a connection, and by a name."""
    with socket.socket() as one:
        one.settimeout(2)
        assert one.connect_ex((NOWHERE, 443)) != 0
    try:
        socket.getaddrinfo("outside.example", 443)
    except socket.gaierror:
        return "well"
    return "a name was found"


def install(folder: Path, wheels: Path) -> str:
    """Into a new environment, from a folder of wheels alone."""
    python = folder / "installed" / "bin" / "python"
    alone = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}  # without this checkout
    subprocess.run([sys.executable, "-m", "venv", str(folder / "installed")], env=alone, check=True)
    options = ("--quiet", "--no-index", "--find-links", str(wheels), "--constraint", str(ROOT / "constraints.txt"))
    subprocess.run([str(python), "-m", "pip", "install", *options, "assessment-assistant"], env=alone, check=True)
    asked = (str(python.with_name("assistant")), "ask", "--index", str(folder / "first"), QUESTION)
    said = subprocess.run(asked, cwd=folder, env=alone, capture_output=True, text=True, check=False)
    return "well" if said.returncode == 0 and "[1]" in said.stdout else said.stderr[-500:]


def command(*arguments: str) -> str:
    """A command of ours."""
    done = subprocess.run([sys.executable, "-m", "assistant", *arguments], capture_output=True, text=True, check=False)
    return "well" if done.returncode == 0 else f"exit {done.returncode}: {done.stderr[-500:]}"


def main(folder: Path, *, browse: bool, wheels: Path | None) -> dict[str, dict[str, object]]:
    """Every step in turn; the attempts of each, and `well` or what went wrong."""
    seal(folder)
    counted: dict[str, object] = {}
    outcomes: dict[str, object] = {}

    def step(name: str, work: Callable[[], str], *, six: bool = True) -> None:
        before = attempts(six=six)
        outcomes[name] = work()
        counted[name] = attempts(six=six) - before

    os.environ |= {"ASSISTANT_SOURCES": str(ROOT / "sources"), "ASSISTANT_INDEX": str(folder / "index")}
    step("control", lambda: control(folder))
    if wheels is not None:
        step("install", lambda: install(folder, wheels))
    if browse:
        step("index", lambda: command("index"))
        step("ask", lambda: command("ask", QUESTION))
        step("doctor", lambda: command("doctor", "--airgap"))
    before = attempts()
    with serving(folder, ROOT / "sources", {} if browse else {"ASSISTANT_EMBEDDING_MODEL": "hashed-words"}) as server:
        from tests.tools.prove.airgap_browser import by_interface, look_around

        step("serve", lambda: by_interface(server.address, QUESTION))
        counted["serve"] = attempts() - before
        if browse:
            step("browser, empty page", lambda: look_around(None, QUESTION), six=False)
            step("browser, our pages", lambda: look_around(server.address, QUESTION), six=False)
    return {"attempts": counted, "outcomes": outcomes}


if __name__ == "__main__":
    where, whether, what = sys.argv[1:]
    print(json.dumps(main(Path(where), browse=whether == "1", wheels=Path(what) if what else None)))  # noqa: T201
