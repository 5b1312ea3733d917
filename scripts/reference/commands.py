"""docs/cli.md: every command with its arguments and options."""

import inspect
from collections.abc import Iterator

import click

from scripts.reference.markdown import block, table
from shampoo_tune.cli import cli

_INTRODUCTION = """\
# Every command

`python -m shampoo_tune` equals `shampoo-tune`, and each command takes `--help`. Data go to
standard output, everything else to standard error. Exit codes: 0 ok, 1 failure, 2 usage or
invalid file, 3 condition not met, 4 not found, 5 database of another version, 130 and 143 after
signals. FILE is a study file ([study_files.md](study_files.md)) or the bare name of one that
comes with the package, such as `resnet`. GROUP is the name of a launch, STUDY is `group/arm`.
"""


def commands() -> str:
    """The page."""
    return _INTRODUCTION + "".join(_section(path, command) for path, command in _all(cli, ()))


def _all(group: click.Group, path: tuple[str, ...]) -> Iterator[tuple[str, click.Command]]:
    for name, command in sorted(group.commands.items()):
        here = (*path, name)
        if isinstance(command, click.Group):
            yield from _all(command, here)
        else:
            yield " ".join(here), command


def _section(path: str, command: click.Command) -> str:
    arguments = [_argument(p) for p in command.params if isinstance(p, click.Argument)]
    options = [p for p in command.params if isinstance(p, click.Option)]
    usage = " ".join(["shampoo-tune", path, *arguments, *["[OPTIONS]"] * bool(options)])
    parts = [f"\n## {path}\n\n`{usage}`\n\n{_paragraphs(command.help or '')}"]
    if options:
        parts.append(table(["option", ""], [_option(option) for option in options]))
    if command.epilog:
        parts.append(block(_paragraphs(command.epilog)))
    return "\n".join(parts)


def _paragraphs(text: str) -> str:
    """Without click's sign for a paragraph that keeps its lines."""
    return inspect.cleandoc(text).replace("\b\n", "").strip() + "\n"


def _argument(argument: click.Argument) -> str:
    name = argument.metavar or (argument.name or "").upper()
    name = name if argument.required or name.startswith("[") else f"[{name}]"
    return f"{name}..." if argument.nargs == -1 and "..." not in name else name


def _option(option: click.Option) -> tuple[str, str]:
    names = ", ".join(f"`{name}`" for name in [*option.opts, *option.secondary_opts])
    facts = []
    if option.required:
        facts.append("required")
    if option.show_default and option.default not in (None, ""):
        facts.append(f"default: {_shown(option.default)}")
    if option.show_envvar and isinstance(option.envvar, str):
        facts.append(f"or in `{option.envvar}`")
    if option.multiple:
        facts.append("may be repeated")
    told = f" ({'; '.join(facts)})" if facts else ""
    return f"{names}{_value(option)}", f"{option.help or ''}{told}"


def _shown(default: object) -> str:
    values = default if isinstance(default, tuple) else (default,)
    return ", ".join(f"`{value}`" for value in values)


def _value(option: click.Option) -> str:
    if option.is_flag:
        return ""
    if isinstance(option.type, click.Choice):
        return " " + " or ".join(f"`{choice}`" for choice in option.type.choices)
    return f" {option.metavar or option.type.name.split()[0].upper()}"
