"""Addresses: which are understood, and that no password is ever shown."""

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from shampoo_tune.errors import InvalidInputError
from shampoo_tune.storage.addresses import is_sqlite, parse_address, shown

_WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789", min_size=1, max_size=8)
_PASSWORD = st.text("QXYZ!$%&+,;=:@/?#[] ", min_size=5, max_size=12)


@pytest.mark.parametrize("scheme", ["postgres", "postgresql", "postgresql+psycopg"])
def test_every_name_of_postgresql_is_understood(scheme: str) -> None:
    url = parse_address(f"{scheme}://user@host/studies")
    assert url.drivername == "postgresql+psycopg"
    assert not is_sqlite(url)


def test_a_file_is_sqlite() -> None:
    assert is_sqlite(parse_address("sqlite:///shampoo-tune.db"))


@example(user="0", password="@;;;;", host="0", before="x://")  # noqa: S106
@given(
    user=_WORD, password=_PASSWORD, host=_WORD, before=st.sampled_from(["", "//", "x://", "x//"])
)
def test_a_refusal_never_tells_the_password(
    user: str, password: str, host: str, before: str
) -> None:
    with pytest.raises(InvalidInputError) as refusal:
        parse_address(f"{before}{user}:{password}@{host}/name")
    assert password not in str(refusal.value)


def test_an_unescaped_at_in_a_password_is_refused_and_not_shown() -> None:
    with pytest.raises(InvalidInputError, match="as %40") as refusal:
        parse_address("postgresql://user:hun@ter2@host/name")
    assert "ter2" not in str(refusal.value)
    url = parse_address("postgresql://user:hun%40ter2@host/name")
    assert url.password == "hun@ter2"  # noqa: S105


def test_an_address_is_shown_without_its_password() -> None:
    url = parse_address("postgresql://user:hunter2@host/name")
    assert shown(url) == "postgresql+psycopg://user:***@host/name"
