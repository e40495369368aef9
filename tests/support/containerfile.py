"""Reads a Containerfile, and runs its steps in roots made of a plain Debian, without a container engine.

Only the instructions that the project's own file uses are known; any other one is an error, so that none goes unseen.
"""

from __future__ import annotations

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import NamedTuple

KNOWN = {"FROM", "RUN", "COPY", "WORKDIR", "ENV", "USER", "VOLUME", "HEALTHCHECK", "ENTRYPOINT", "CMD"}
PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
HOST_FILES = ("/etc/resolv.conf", "/etc/hosts", "/etc/ssl/certs/ca-certificates.crt", "/etc/pip.conf", "/etc/xdg/pip")
"""How this machine reaches what it installs from; a container engine arranges for the same."""

LOOPBACK_UP = (
    "import fcntl, socket, struct; "
    "fcntl.ioctl(socket.socket(socket.AF_INET, socket.SOCK_DGRAM), 0x8914, struct.pack('16sh14x', b'lo', 1))"
)
"""Sets IFF_UP of the loopback device: a fresh network namespace has it down, but no container has."""


class Instruction(NamedTuple):
    """One instruction: its name, its options without dashes, and the rest of its line."""

    name: str
    options: dict[str, str]
    rest: str

    @property
    def words(self) -> list[str]:
        """The rest as words: those of its JSON list, or those of a command line."""
        return json.loads(self.rest) if self.rest.startswith("[") else shlex.split(self.rest)


def parse(text: str) -> list[Instruction]:
    """The instructions of a Containerfile, with continued lines joined and comments left out.

    Raises:
        ValueError: for an instruction that is not known here.
    """
    lines = "\n".join(line for line in text.splitlines() if not line.lstrip().startswith("#"))
    instructions = []
    for line in re.sub(r"\\\n\s*", "", lines).splitlines():
        if not line.strip():
            continue
        name, rest = line.split(maxsplit=1)
        options = {}
        while match := re.match(r"--([a-z]+)=(\S+)\s+", rest):
            options[match[1]] = match[2]
            rest = rest[match.end() :]
        if name not in KNOWN:
            raise ValueError(f"unknown instruction: {line}")
        instructions.append(Instruction(name, options, rest))
    return instructions


def is_ignored(path: str, patterns: list[str]) -> bool:
    """Whether a `.containerignore` leaves a path of the source out; the last pattern that fits decides."""
    ignored = False
    parts = Path(path).parts
    for pattern in patterns:
        plain = pattern.removeprefix("!")
        tails = [str(Path(*parts[:n])) for n in range(1, len(parts) + 1)]
        if plain.startswith("**/"):
            fits = any(fnmatch.fnmatch(part, plain.removeprefix("**/")) for part in parts)
        else:
            fits = any(fnmatch.fnmatch(tail, plain) for tail in tails if plain != "*" or "/" not in tail)
        if fits:
            ignored = not pattern.startswith("!")
    return ignored


@dataclass(frozen=True)
class Stage:
    """What the instructions have made so far: a root, and how a process in it starts."""

    root: Path
    env: dict[str, str] = field(default_factory=lambda: {"PATH": PATH})
    user: str = "root"
    folder: str = "/"
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    health: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()

    def run(self, *words: str, network: bool, **options) -> subprocess.CompletedProcess:
        """Run a command in the root as the stage's user, with its own mounts and processes, as a container would."""
        home = "/root" if self.user == "root" else f"/home/{self.user}"
        passed = {
            key: value for key, value in os.environ.items() if network and key.lower().startswith(("pip_", "http"))
        }
        inside = shlex.join(["cd", self.folder]) + " && exec " + shlex.join(words)
        steps = [
            *([] if network else [shlex.join([sys.executable, "-c", LOOPBACK_UP])]),
            f"mount -t proc proc {self.root}/proc",
            f"mount --rbind /dev {self.root}/dev",
            shlex.join(["exec", "chroot", f"--userspec={self.user}", str(self.root), "/bin/sh", "-c", inside]),
        ]
        unshare = ["unshare", "--mount", "--pid", "--fork", "--kill-child", *([] if network else ["--net"])]
        environment = passed | self.env | {"HOME": home}
        command = [*unshare, "/bin/sh", "-c", " && ".join(steps)]
        return subprocess.run(command, env=environment, text=True, check=False, **options)


class Build:
    """Runs the instructions of a Containerfile.

    Args:
        context: the folder that COPY takes from, and the paths in it that it may take.
        base: the root that stands for every image that FROM names.
        folder: where the roots of the stages are made.
    """

    def __init__(self, context: Path, files: list[str], base: Path, folder: Path) -> None:
        self._context = context
        self._files = files
        self._base = base
        self._folder = folder
        self._stages: dict[str, Stage] = {}

    def run(self, instructions: list[Instruction]) -> Stage:
        """The last stage, with everything done.

        Raises:
            RuntimeError: when a step fails, with its output.
        """
        stage = Stage(self._base)
        name = ""
        for number, instruction in enumerate(instructions):
            if instruction.name == "FROM":
                _, _, name = instruction.rest.partition(" AS ")
                root = self._folder / f"root-{number}"
                subprocess.run(["cp", "-a", "--reflink=auto", self._base, root], check=True)
                stage = Stage(root)
            else:
                stage = getattr(self, f"_{instruction.name.lower()}")(stage, instruction)
            self._stages[name] = stage
        return stage

    def _run(self, stage: Stage, instruction: Instruction) -> Stage:
        done = stage.run("/bin/sh", "-c", instruction.rest, network=True, capture_output=True)
        if done.returncode != 0:
            raise RuntimeError(f"RUN {instruction.rest}\n{done.stdout}{done.stderr}")
        return stage

    def _copy(self, stage: Stage, instruction: Instruction) -> Stage:
        *sources, target = instruction.words
        if "from" in instruction.options:
            (source,) = sources
            shutil.copytree(
                f"{self._stages[instruction.options['from']].root}{source}", f"{stage.root}{target}", symlinks=True
            )
            return stage
        for source in sources:
            for file in (file for file in self._files if Path(file).is_relative_to(source)):
                below = Path(file).relative_to(source) if file != source else Path(source).name
                place = stage.root / target.lstrip("/") / below
                place.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(self._context / file, place)
        return stage

    def _workdir(self, stage: Stage, instruction: Instruction) -> Stage:
        (stage.root / instruction.rest.lstrip("/")).mkdir(parents=True, exist_ok=True)
        return replace(stage, folder=instruction.rest)

    def _env(self, stage: Stage, instruction: Instruction) -> Stage:
        key, _, value = instruction.rest.partition("=")
        known = re.sub(r"\$(\w+)", lambda match: stage.env[match[1]], value)
        return replace(stage, env=stage.env | {key: known})

    def _user(self, stage: Stage, instruction: Instruction) -> Stage:
        return replace(stage, user=instruction.rest)

    def _volume(self, stage: Stage, instruction: Instruction) -> Stage:
        return replace(stage, volumes=(*stage.volumes, *instruction.words))

    def _healthcheck(self, stage: Stage, instruction: Instruction) -> Stage:
        return replace(stage, health=tuple(json.loads(instruction.rest.removeprefix("CMD "))))

    def _entrypoint(self, stage: Stage, instruction: Instruction) -> Stage:
        return replace(stage, entrypoint=tuple(instruction.words))

    def _cmd(self, stage: Stage, instruction: Instruction) -> Stage:
        return replace(stage, command=tuple(instruction.words))


def debian(release: str, folder: Path) -> Path:
    """A root with a release of Debian and its Python under the name that the official images have.

    Raises:
        RuntimeError: when it cannot be made, with what debootstrap said.
    """
    packages = "--include=ca-certificates,python3,python3-venv"
    done = subprocess.run(
        ["debootstrap", "--variant=minbase", packages, release, str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode != 0:
        raise RuntimeError(f"debootstrap: {done.stdout[-2000:]}{done.stderr}")
    (folder / "usr" / "local" / "bin" / "python").symlink_to("/usr/bin/python3")
    for file in map(Path, HOST_FILES):
        place = folder / file.relative_to("/")
        if file.is_dir():
            shutil.copytree(file, place, dirs_exist_ok=True)
        elif file.is_file():
            place.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(file, place)
    return folder
