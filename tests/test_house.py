"""The files that people and machines meet first are valid, pinned, and say the same thing."""

import os
import re
import subprocess
import sys
import tomllib
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import pytest
from msgspec import structs
from ruamel.yaml import YAML

from alerts.rules import DEFAULTS
from rapport.alert_settings import settings
from rapport.config import (
    AlertsSection,
    BrandSection,
    ClickHouseSection,
    File,
    IngestSection,
    KafkaSection,
    RetentionSection,
    RuleSection,
    read,
)
from rapport.processes import app as processes

ROOT = Path(__file__).parents[1]
BIN = Path(sys.executable).parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
COMPOSE = YAML(typ="safe").load(ROOT / "docker-compose.yml")
SERVICES: dict[str, dict[str, Any]] = COMPOSE["services"]
OURS = {"migrate", "worker", "campaigns", "sink", "alerts", "ingest"}
# What is to be told, and where each source stands, must outlive a container.
KEEPS = {"alerts": ["alerts:/var/lib/rapport"], "ingest": ["ingest:/var/lib/rapport"]}
ONE_SHOT = {"migrate"}

each_service = pytest.mark.parametrize("name", SERVICES)
each_of_ours = pytest.mark.parametrize("name", sorted(OURS))

# In pieces, because this file is one of those that are searched.
FORBIDDEN = [
    re.compile("".join(pieces))
    for pieces in (
        ("/wo", "rk/", r"(main|steering|shared|\.library)"),
        ("/fa", "rm/"),
        ("/ro", "ot/"),
        ("bash_", "jobs"),
        ("py", r"pi\.org"),
        ("python", r"hosted\.org"),
        ("registry", r"\.npm"),
        ("maven", r"\.org"),
        ("proxy", r"\.golang"),
        ("deb", r"\.debian"),
        ("crates", r"\.io"),
    )
]


def run(tool: str, *arguments: str) -> str:
    """What ``tool`` of the environment complains about; empty when it is content."""
    found = subprocess.run([BIN / tool, *arguments], cwd=ROOT, capture_output=True, text=True, check=False)
    return "" if found.returncode == 0 else found.stdout + found.stderr or f"{tool} ended with {found.returncode}"


def lines(name: str) -> list[str]:
    """Lines of a file without comments and empty ones."""
    stripped = (line.split("#", maxsplit=1)[0].strip() for line in (ROOT / name).read_text().splitlines())
    return [line for line in stripped if line]


def pins() -> dict[str, str]:
    return {name: pin for name, _, pin in (line.partition("==") for line in lines("constraints.txt"))}


def canonical(requirement: str) -> str:
    """The name of a requirement as constraints write it."""
    return re.sub(r"[-_.]+", "-", re.split(r"[\s<>=!~;\[]", requirement, maxsplit=1)[0]).lower()


def test_compose_file_is_valid() -> None:
    """docker-compose.yml follows the Compose specification, whose schema the checker brings along."""
    assert run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml") == ""


@each_service
def test_image_is_pinned(name: str) -> None:
    """Every image has a full version; ours has that of pyproject.toml and is built, never pulled."""
    service = SERVICES[name]
    image, _, tag = service["image"].rpartition(":")
    assert re.fullmatch(r"\d+\.\d+\.\d+(\.\d+)?", tag)
    if name in OURS:
        assert (image, tag, service["pull_policy"]) == ("rapport", PROJECT["version"], "build")


@each_service
def test_service_is_watched_and_bounded(name: str) -> None:
    """Whatever runs on has a health check, a restart and time to stop; memory and logs have a limit everywhere."""
    service = SERVICES[name]
    assert service["mem_limit"]
    assert service["logging"]["options"]["max-size"]
    if name in ONE_SHOT:
        assert service["restart"] == "no"
    else:
        assert service["healthcheck"]["test"]
        assert service["restart"] == "unless-stopped"
        assert service["stop_grace_period"]


@each_service
def test_ports_stay_on_this_machine(name: str) -> None:
    """Nothing is published beyond the loopback interface, nor on the host's own network."""
    assert all(port.startswith("127.0.0.1:") for port in SERVICES[name].get("ports", []))
    assert "network_mode" not in SERVICES[name]


@each_service
def test_no_secret_is_written_down(name: str) -> None:
    """Passwords come from the environment, and an empty one is refused before anything starts."""
    secret = {key: value for key, value in SERVICES[name].get("environment", {}).items() if "PASSWORD" in key}
    assert secret or name == "kafka"
    assert all(re.fullmatch(r"\$\{RAPPORT_\w*PASSWORD:\?.+\}", value) for value in secret.values())


@each_of_ours
def test_our_services_can_do_little(name: str) -> None:
    """Our own containers write nowhere but /tmp and to what they must keep, have no capability and can gain none."""
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert [mount for mount in service["volumes"] if not mount.endswith(":ro")] == KEEPS.get(name, [])
    assert [mount.split(":")[0] for mount in service["tmpfs"]] == ["/tmp"]


@each_of_ours
def test_our_services_wait_for_what_they_need(name: str) -> None:
    """Engines are healthy before anything of ours starts, and the tables are there before a process does."""
    wanted = {"kafka": "service_healthy", "clickhouse": "service_healthy"}
    if name not in ONE_SHOT:
        wanted["migrate"] = "service_completed_successfully"
    assert {other: how["condition"] for other, how in SERVICES[name]["depends_on"].items()} == wanted


def test_container_configuration_fits_the_services() -> None:
    """docker/rapport.toml names the services by the ports they listen on inside the network, and their user."""
    file = read(ROOT / "docker/rapport.toml")
    kafka = SERVICES["kafka"]["environment"]
    assert f"INTERNAL://{file.kafka.address}" in kafka["KAFKA_ADVERTISED_LISTENERS"].split(",")
    assert file.clickhouse.address == "clickhouse:9000"
    assert file.clickhouse.user == SERVICES["clickhouse"]["environment"]["CLICKHOUSE_USER"]
    assert file.brands


def test_compose_variables_are_explained() -> None:
    """Every variable of the compose file is in .env.example, which gives none a value."""
    used = set(re.findall(r"\$\{(\w+)", (ROOT / "docker-compose.yml").read_text()))
    assert {line.removesuffix("=") for line in lines(".env.example")} == used


def test_dockerfile_is_clean() -> None:
    """hadolint has nothing to say, and no rule is switched off in the file."""
    assert run("hadolint", "Dockerfile") == ""
    assert "hadolint ignore" not in (ROOT / "Dockerfile").read_text()


def test_image_is_pinned_and_runs_without_rights() -> None:
    """Both stages start from one full Python version; what runs is not root and holds no secret."""
    dockerfile = lines("Dockerfile")
    bases = {line.split()[1] for line in dockerfile if line.startswith("FROM ")}
    assert len(bases) == 1
    assert re.fullmatch(r"python:3\.11\.\d+-slim-\w+", bases.pop())
    user = [line.split()[1] for line in dockerfile if line.startswith("USER ")][-1]
    assert user.split(":")[0] not in {"root", "0"}
    assert not [line for line in dockerfile if line.startswith("ADD ")]
    assert not re.search(r"(?i)(password|secret|token|api_key)", "\n".join(dockerfile))


def test_image_brings_the_text_model() -> None:
    """It is installed while the image is built, into the environment that the image keeps: nothing is fetched later."""
    build = (ROOT / "Dockerfile").read_text().split("\nFROM ")[0]
    assert '"$VIRTUAL_ENV/bin/python" -m rapport.text_model' in build
    assert "COPY --from=build /opt/rapport /opt/rapport" in (ROOT / "Dockerfile").read_text()


def test_every_process_is_a_service() -> None:
    """Each process of ours that runs on has a service that starts it under its name."""
    running = {name for name in OURS - ONE_SHOT if SERVICES[name]["command"][0] == name}
    assert running == {command.callback.__name__ for command in processes.registered_commands if command.callback}


def test_image_takes_what_the_wheel_takes() -> None:
    """Every package of the wheel is copied into the build, and .dockerignore lets exactly the copied through."""
    copied = {
        path
        for line in lines("Dockerfile")
        if line.startswith("COPY ") and "--from" not in line
        for path in line.split()[1:-1]
    }
    packages = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["hatch"]["build"]["targets"]["wheel"]
    assert set(packages["packages"]) <= copied
    ignored = lines(".dockerignore")
    assert ignored[0] == "*"
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied


def test_ci_runs_the_test_command_of_the_readme() -> None:
    """.ci/run can be executed and calls `make test`, the command that README.md gives."""
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert lines(".ci/run") == ["set -euo pipefail", 'cd "$(dirname "${BASH_SOURCE[0]}")/.."', "make test"]
    assert "make test" in (ROOT / "README.md").read_text()
    assert re.search(r"^test:", (ROOT / "Makefile").read_text(), re.MULTILINE)


def test_constraints_hold_versions_only() -> None:
    """One exact version a line, in order, each package once: no address, no path, no option."""
    found = lines("constraints.txt")
    assert [line for line in found if not re.fullmatch(r"[a-z0-9-]+==[0-9][0-9a-z.]*", line)] == []
    assert found == sorted(found, key=lambda line: line.partition("==")[0])
    assert len(pins()) == len(found)


@pytest.mark.parametrize("extra", ["", "embedded", "dev"])
def test_every_direct_dependency_is_pinned(extra: str) -> None:
    """constraints.txt has each dependency, at the version that is installed here."""
    wanted = PROJECT["optional-dependencies"][extra] if extra else PROJECT["dependencies"]
    for name in map(canonical, wanted):
        assert name in pins(), f"{name} is not pinned in constraints.txt"
        try:
            assert version(name) == pins()[name]
        except PackageNotFoundError:
            pytest.fail(f"{name} is not installed; run: make setup")


def test_licence_is_apache_2() -> None:
    """The whole text, with its holders, and the same name in pyproject.toml."""
    text = (ROOT / "LICENSE").read_text()
    assert "TERMS AND CONDITIONS FOR USE, REPRODUCTION, AND DISTRIBUTION" in text
    assert "END OF TERMS AND CONDITIONS" in text
    assert re.search(r"Copyright \d{4} The Rapport authors", text)
    assert PROJECT["license"] == "Apache-2.0"


def test_example_configuration_is_complete() -> None:
    """rapport.example.toml is valid as it stands, and names every setting with its default, or commented out."""
    path = ROOT / "rapport.example.toml"
    file = read(path)
    assert (file.kafka, file.clickhouse) == (KafkaSection(), ClickHouseSection())
    assert structs.replace(file.alerts, rules={}) == AlertsSection()
    assert settings(file.alerts) == DEFAULTS
    sections = re.split(r"^\[", path.read_text(), flags=re.MULTILINE)
    for name, kind in (
        ("kafka]", KafkaSection),
        ("clickhouse]", ClickHouseSection),
        ("retention]", RetentionSection),
        ("ingest]", IngestSection),
        ("brands.", BrandSection),
        ("alerts]", AlertsSection),
        ("alerts.rules.", RuleSection),
    ):
        section = next(text for text in sections if text.startswith(name))
        told = set(re.findall(r"^(?:# )?(\w+) = ", section, re.MULTILINE))
        assert told == {setting.encode_name for setting in structs.fields(kind)} - {"rules", "receivers"}
    assert {setting.name for setting in structs.fields(File)} == {
        "kafka",
        "clickhouse",
        "retention",
        "ingest",
        "sources",
        "brands",
        "people",
        "alerts",
    }


def test_what_is_commented_out_is_valid_too(tmp_path: Path) -> None:
    """Each example in the comments can be switched on as it is written."""
    text = (ROOT / "rapport.example.toml").read_text()
    switched_on = tmp_path / "rapport.toml"
    text = re.sub(r"^# (\w+ = )", r"\1", text, flags=re.MULTILINE)
    switched_on.write_text(re.sub(r"^#   ", "", text, flags=re.MULTILINE))
    file = read(switched_on)
    assert set(file.alerts.receivers) == {"team", "on-call", "ours"}
    assert None not in structs.asdict(file.alerts.rules["spam_share_rises"]).values()
    assert None not in structs.asdict(file.kafka).values()
    assert None not in structs.asdict(file.clickhouse).values()


def tracked() -> list[Path]:
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],  # noqa: S607 - the git of this machine
        cwd=ROOT,
        capture_output=True,
        check=False,
    )
    if listed.returncode:
        pytest.skip("not a git checkout: which files belong to the project is not known")
    return [ROOT / name for name in os.fsdecode(listed.stdout).split("\0") if name and (ROOT / name).is_file()]


def test_nothing_of_one_machine_is_in_the_repository() -> None:
    """No path of a developer's machine and no host of a package registry stands in any file."""
    found = [
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in tracked()
        if b"\0" not in (content := path.read_bytes())
        for pattern in FORBIDDEN
        if (match := pattern.search(content.decode(errors="replace")))
    ]
    assert found == []


def test_private_settings_are_not_tracked() -> None:
    """A password in .env, and the brands and addresses of one installation, are ignored by git."""
    assert {".env", "rapport.toml"} & {str(path.relative_to(ROOT)) for path in tracked()} == set()
    ignored = {line.removeprefix("/") for line in lines(".gitignore")}
    assert {".env", "rapport.toml", ".venv/", ".rapport/"} <= ignored
