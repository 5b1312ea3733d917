"""The cluster files: Ray's own check, and the versions and sizes that must agree."""

import math
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.ray_extra import needs_ray

ROOT = Path(__file__).parents[2]
MACHINES: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "ray_tpu.yaml").read_text())
KUBERNETES: dict[str, Any] = yaml.safe_load((ROOT / "docker" / "kuberay.yaml").read_text())
COMMANDS = ("head_start_ray_commands", "worker_start_ray_commands")


@needs_ray
@pytest.mark.filterwarnings("ignore")  # Ray's own, at its import
def test_ray_accepts_the_machines() -> None:
    from ray._private.accelerators import TPUAcceleratorManager
    from ray.autoscaler._private.util import prepare_config, validate_config

    validate_config(prepare_config(MACHINES))
    kind = MACHINES["available_node_types"]["slice"]["node_config"]["acceleratorType"]
    assert TPUAcceleratorManager.is_valid_tpu_accelerator_type(kind)


@needs_ray
@pytest.mark.filterwarnings("ignore")
def test_ray_would_refuse_a_word_that_it_does_not_know() -> None:
    import jsonschema
    from ray.autoscaler._private.util import prepare_config, validate_config

    with pytest.raises(jsonschema.ValidationError):
        validate_config(prepare_config(MACHINES | {"setup_comands": []}))


def test_what_the_machines_get_is_in_the_repository() -> None:
    assert MACHINES["file_mounts"]["~/shampoo-tune"] == "."
    for path in re.findall(r"~/shampoo-tune/(\S+)", " ".join(MACHINES["setup_commands"])):
        assert (ROOT / path).exists()
    assert "docker/secrets" in MACHINES["rsync_exclude"]


@pytest.mark.parametrize("key", COMMANDS)
def test_every_machine_asks_for_the_token(key: str) -> None:
    (start,) = (command for command in MACHINES[key] if "ray start" in command)
    assert "RAY_AUTH_MODE=token" in start
    assert "~/.ray/auth_token" in MACHINES["file_mounts"]
    assert KUBERNETES["spec"]["authOptions"] == {"mode": "token"}


def test_the_operator_is_told_the_version_that_the_image_has() -> None:
    for name in ("cpu", "tpu", "cuda13"):
        pins = (ROOT / "requirements" / f"image_{name}.txt").read_text()
        assert f"ray=={KUBERNETES['spec']['rayVersion']}\n" in pins
        assert "aiohttp-cors==" in pins  # Ray's dashboard, which KubeRay asks


def test_the_hosts_of_a_slice_have_all_its_chips() -> None:
    (group,) = KUBERNETES["spec"]["workerGroupSpecs"]
    spec = group["template"]["spec"]
    (container,) = spec["containers"]
    chips = int(container["resources"]["limits"]["google.com/tpu"])
    sides = spec["nodeSelector"]["cloud.google.com/gke-tpu-topology"].split("x")
    assert group["numOfHosts"] * chips == math.prod(map(int, sides))
    assert container["resources"]["limits"] == container["resources"]["requests"]
