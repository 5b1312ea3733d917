"""Print constraints that hold every dependency of pyproject.toml at its lowest version.

Usage: python -m scripts.lowest_versions
"""

import re
import tomllib
from pathlib import Path

_LOWEST = re.compile(r"([\w.-]+)(?:\[[\w,]+\])?>=([\d.]+)")


def lowest(requirements: list[str]) -> list[str]:
    """`name==version` of requirements that begin with `name>=version`."""
    found = [_LOWEST.match(requirement) for requirement in requirements]
    return [f"{match[1]}=={match[2]}" for match in found if match]


def main() -> None:
    """Print them."""
    project = tomllib.loads(Path("pyproject.toml").read_text())["project"]
    print("\n".join(lowest(project["dependencies"])))


if __name__ == "__main__":
    main()
