"""nginx with the configuration of docs/nginx.conf, its ports, folders and time-out replaced, before an assistant."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

CONFIGURATION = Path(__file__).parents[1] / "docs" / "nginx.conf"
HOST = "intranet.northshire.example"
PREFIX = "/assistant"
USER, PASSWORD = "ada", "a password for tests"
OTHER = "grace"
TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")


def find_nginx() -> str | None:
    """Where nginx is; it often stands in a folder that only the superuser's PATH has."""
    return shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")


@contextmanager
def nginx_before(port: int, folder: Path, idle: str = "60s") -> Iterator[str]:
    """Run nginx before the assistant on `port`; the address it listens on. `idle` is its time-out."""
    found = find_nginx()
    assert found is not None
    front = _free_port()
    (folder / "users").write_text(f"{USER}:{{PLAIN}}{PASSWORD}\n{OTHER}:{{PLAIN}}{PASSWORD}\n", encoding="ascii")
    written = folder / "nginx.conf"
    written.write_text(_adapted(front, port, folder, idle), encoding="utf-8")
    who = "user root;" if os.geteuid() == 0 else ""
    command = [
        found,
        "-e",
        str(folder / "error.log"),
        "-p",
        str(folder),
        "-c",
        str(written),
        "-g",
        f"daemon off; {who}",
    ]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        try:
            _await(front, process)
            yield f"http://127.0.0.1:{front}"
        finally:
            process.terminate()


def _adapted(front: int, back: int, folder: Path, idle: str) -> str:
    """The configuration with each of these put in place of what it has: every one must be there once."""
    text = CONFIGURATION.read_text(encoding="utf-8")
    temporary = "".join(f"    {name}_temp_path {folder}/{name};\n" for name in TEMPORARY)
    for old, new in {
        "/run/nginx.pid": f"{folder}/pid",
        "/var/log/nginx/error.log": f"{folder}/error.log",
        "server 127.0.0.1:7860;": f"server 127.0.0.1:{back};",
        "listen 127.0.0.1:8080;": f"listen 127.0.0.1:{front};",
        "server_name intranet.northshire.example;": f"server_name {HOST} 127.0.0.1;",
        "/etc/nginx/assistant.users": f"{folder}/users",
        "proxy_read_timeout 60s;": f"proxy_read_timeout {idle};",
        "http {\n": f"http {{\n{temporary}",
    }.items():
        text, count = re.subn(re.escape(old), lambda _, new=new: new, text)
        assert count == 1, old
    return text


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def _await(port: int, process: subprocess.Popen[str]) -> None:
    while process.poll() is None:
        with socket.socket() as one:
            if one.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    assert process.stderr is not None
    raise RuntimeError(f"nginx ended at once: {process.stderr.read()}")
