"""compose.yaml asks for what exists, listens on this machine alone and keeps secrets in files."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import click
import pytest
import yaml
from sqlalchemy import make_url

from shampoo_tune.cli import cli

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docker" / "compose.yaml"
DOCUMENT: dict[str, Any] = yaml.safe_load(FILE.read_text())
SERVICES: dict[str, dict[str, Any]] = DOCUMENT["services"]
OURS = {name: service for name, service in SERVICES.items() if "build" in service}


def options_of(arguments: list[str]) -> dict[str, Any]:
    """What a command of ours reads in its arguments.

    Raises:
        click.UsageError: it would refuse them.
    """
    command: click.Command = cli
    while isinstance(command, click.Group):
        name, *arguments = arguments
        command = command.commands[name]
    return command.make_context(name, arguments).params


def test_it_follows_the_specification_of_compose() -> None:
    schema = ["--builtin-schema", "vendor.compose-spec"]
    subprocess.run([sys.executable, "-m", "check_jsonschema", *schema, FILE], check=True)


@pytest.mark.parametrize("name", OURS)
def test_each_command_is_one_of_ours(name: str) -> None:
    assert options_of(OURS[name]["command"])


def test_a_command_that_is_not_ours_would_be_refused() -> None:
    with pytest.raises(click.UsageError):
        options_of(["dashboard", "--prot", "8088"])


@pytest.mark.parametrize("name", OURS)
def test_each_variable_is_read_by_something(name: str) -> None:
    read = {
        variable
        for command in cli.commands.values()
        for option in command.params
        for variable in ([option.envvar] if isinstance(option.envvar, str) else option.envvar or ())
    }
    entrypoint = (ROOT / "docker" / "entrypoint").read_text()
    for variable in OURS[name]["environment"]:
        assert variable in read or f"${{{variable}:-}}" in entrypoint


def test_a_port_is_let_out_to_this_machine_alone_and_asks_for_a_token() -> None:
    ports = {name: service["ports"] for name, service in SERVICES.items() if "ports" in service}
    assert set(ports) == {"dashboard"}
    assert all(port.startswith("127.0.0.1:") for port in ports["dashboard"])
    assert options_of(SERVICES["dashboard"]["command"])["token_file"] is not None


def test_secrets_are_files_that_no_commit_has() -> None:
    paths = [secret["file"] for secret in DOCUMENT["secrets"].values()]
    assert paths == ["secrets/database_password"]
    assert "secrets/" in (ROOT / "docker" / ".gitignore").read_text().split()
    for name, service in SERVICES.items():
        for variable, value in service["environment"].items():
            assert "PASSWORD" not in variable or value.startswith("/run/secrets/"), name
            assert "://" not in value or make_url(value).password is None, name


@pytest.mark.parametrize("name", OURS)
def test_ours_may_do_no_more_than_they_must(name: str) -> None:
    service = OURS[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "privileged" not in service
    assert "user" not in service  # the image's, which is not root


def test_nothing_starts_before_the_tables_are_there() -> None:
    for name in ("controller", "dashboard"):
        waits = SERVICES[name]["depends_on"]
        assert waits["migrate"] == {"condition": "service_completed_successfully"}
        assert waits["postgres"] == {"condition": "service_healthy"}
    assert SERVICES["migrate"]["command"] == ["db", "upgrade"]
    assert SERVICES["migrate"]["restart"] == "no"


def test_every_volume_is_declared_and_a_folder_that_the_image_has() -> None:
    mounts = [
        volume.split(":") for service in SERVICES.values() for volume in service.get("volumes", [])
    ]
    assert {name for name, _ in mounts} == set(DOCUMENT["volumes"])
    assert {path for _, path in mounts} == {"/cache", "/data", "/var/lib/postgresql"}
    assert 'VOLUME ["/cache", "/data"]' in (ROOT / "docker" / "Dockerfile").read_text()
