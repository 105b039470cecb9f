"""Run docs/guides/sharing.md as written, with its example ids, links and codes replaced by real ones."""

import os
import re
import subprocess
from pathlib import Path

import pytest
from tests.support.device import PROGRAM, Device
from tests.support.service import ServiceProcess

from satchel.keys import RootSecret

GUIDE = Path(__file__).resolve().parents[3] / "docs" / "guides" / "sharing.md"
EXAMPLES = [
    (lines[0], "\n".join(lines[1:]))
    for block in re.findall(r"```console\n\$ (.*?)\n```", GUIDE.read_text(), re.DOTALL)
    for lines in (each.splitlines() for each in block.split("\n$ "))
]
COMMANDS = [command for command, _ in EXAMPLES]
RECIPE = re.findall(r"```sh\n(.*?)```", GUIDE.read_text(), re.DOTALL)
CONTENT = b"print('hello')\n"


class Reader:
    """Runs the commands of the guide in a folder."""

    def __init__(self, folder: Path, service: ServiceProcess) -> None:
        folder.mkdir()
        (folder / "greet.py").write_bytes(CONTENT)
        (folder / "password.txt").write_text("open sesame\n")
        self.folder = folder
        self.device = Device(folder / "home", RootSecret(b"\x71" * 32))
        self.examples = {
            "https://cloud.example.com": service.url,
            "K7QF-M2XD-9TZB": service.pairing_code,
        }

    def run(self, line: str) -> bytes:
        longest_first = sorted(self.examples, key=len, reverse=True)
        # all at once: a random link may contain the example of a device's id
        line = re.sub("|".join(map(re.escape, longest_first)), lambda found: self.examples[found[0]], line)
        path = f"{PROGRAM.parent}{os.pathsep}{os.environ['PATH']}"
        done = subprocess.run(
            ["bash", "-o", "pipefail", "-c", line],
            cwd=self.folder,
            env={**self.device.environ, "PATH": path},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
        )
        assert done.returncode == 0, (line.partition("#")[0], done.stderr)
        return done.stdout

    def record_output(self, line: str, output: str) -> None:
        """Replace example values of later lines by the output of a command."""
        if line.startswith("satchel save"):
            self.examples["01KB3"] = output[:12]
        elif line == "satchel share 01KB3":
            self.examples["https://cloud.example.com/s/LINK"] = output
            self.examples["5be0"] = output.partition("/s/")[2][:10]
            (self.folder / "link.txt").write_text(f"{output}\n")
        elif "--password-file" in line and line.startswith("satchel share"):
            self.examples["https://cloud.example.com/s/LOCKED"] = output
        elif line == "satchel devices add":
            laptop = Device(self.folder / "laptop", RootSecret(b"\x71" * 32))
            made = laptop.json("connect", self.examples["https://cloud.example.com"], "--pair", output)
            self.examples["3f9a"] = made["device_id"][:10]


def test_every_command_of_the_guide_works(tmp_path: Path) -> None:
    """Each command prints the output shown on the page; `…` stands for any text within a line."""
    assert len(COMMANDS) > 15
    with ServiceProcess(tmp_path / "cloud") as service:
        reader = Reader(tmp_path / "reader", service)
        for line, shown in EXAMPLES:
            output = reader.run(line)
            reader.record_output(line, output.decode().strip())
            pattern = ".*".join(
                map(re.escape, shown.replace("https://cloud.example.com", service.url).split("…"))
            )
            assert not shown or re.fullmatch(pattern, output.decode().strip()), line
            if line.startswith("satchel get") and not {"--save", "--into", ">"} & set(line.split()):
                assert output == CONTENT


@pytest.mark.tool("curl", "age", "funzip")
def test_the_recipe_without_satchel_works(tmp_path: Path) -> None:
    (recipe,) = RECIPE
    with ServiceProcess(tmp_path / "cloud") as service:
        reader = Reader(tmp_path / "reader", service)
        for line in COMMANDS[:4]:
            reader.record_output(line, reader.run(line).decode().strip())
        assert reader.run(recipe) == CONTENT
