"""The address of a cluster."""

import socket
from pathlib import Path

import pytest

from shampoo_tune.errors import InvalidInputError, ShampooTuneError
from shampoo_tune.tuner.ray_tune.cluster_address import check_address, reachable


@pytest.mark.parametrize("address", ["auto", "127.0.0.1:6379", "head.example:10001"])
def test_an_address_has_a_host_and_a_port(address: str) -> None:
    check_address(address)


@pytest.mark.parametrize("address", ["", "head", "head:", "ray://head:10001", "[::1]:6379"])
def test_other_forms_are_refused(address: str) -> None:
    with pytest.raises(InvalidInputError, match="write HOST:PORT, or auto"):
        check_address(address)


def test_somebody_listens_or_it_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        monkeypatch.setenv("RAY_ADDRESS", address)
        assert reachable("auto") == reachable(address) == address
    for asked in ("auto", address):
        with pytest.raises(ShampooTuneError, match=f"no cluster at {address}: Connection refused"):
            reachable(asked)


def test_an_address_of_the_environment_may_be_anything(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("RAY_ADDRESS", "local")
    with pytest.raises(ShampooTuneError, match="no cluster at local"):
        reachable("auto")


def test_auto_is_the_cluster_that_this_machine_joined(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    monkeypatch.setenv("RAY_TMPDIR", str(tmp_path))
    with pytest.raises(ShampooTuneError, match="belongs to no cluster: ray start joins one"):
        reachable("auto")
    (tmp_path / "ray").mkdir()
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"127.0.0.1:{server.getsockname()[1]}"
        (tmp_path / "ray" / "ray_current_cluster").write_text(address)
        assert reachable("auto") == address
