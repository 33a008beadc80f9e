"""Addresses: told from files, read strictly, shown without a password."""

from pathlib import Path

import pytest

from data.errors import GenrescopeError
from data.postgres.addresses import checked, is_address, shown

SECRET = "se-cret9"


@pytest.fixture(autouse=True)
def bare(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PGHOST", "PGPORT", "PGUSER", "PGDATABASE", "PGCONNECT_TIMEOUT"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("address", "told"),
    [
        (f"postgresql://me:{SECRET}@host:5433/music", "postgresql://me@host:5433/music"),
        (f"postgres://me:{SECRET}%40%2F%3a@h1:1,[::1]:2/m%20x", "postgresql://me@h1:1,[::1]:2/m x"),
        (f"postgresql://me@/music?host=/run/pg&password={SECRET}&port=7", "postgresql://me@/run/pg:7/music"),
        (f"postgresql:///music?user=you&sslpassword={SECRET}", "postgresql://you@/music"),
        ("postgresql://%2Frun%2Fpg/music", "postgresql:///run/pg/music"),
        ("postgresql://", "postgresql://"),
        ("postgresql:///", "postgresql://"),
    ],
)
def test_an_address_is_shown_without_its_password(address: str, told: str) -> None:
    assert shown(address) == told
    assert checked(address).startswith(address)


def test_what_the_address_leaves_out_comes_from_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {"PGHOST": "h", "PGPORT": "7", "PGUSER": "me", "PGDATABASE": "m", "PGPASSWORD": SECRET}.items():
        monkeypatch.setenv(name, value)
    assert shown("postgresql://") == "postgresql://me@h:7/m"
    assert shown("postgresql://you@other:8/n") == "postgresql://you@other:8/n"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://me:{SECRET}@home@host/music",
        f"postgresql://me:12/{SECRET}@host/music",
        f"postgresql://me:x?{SECRET}@host/music",
        f"postgresql://me:{SECRET}%zz@host/music",
        f"postgresql://me:{SECRET}%00@host/music",
        f"postgresql://me:{SECRET} x@host/music",
        f"postgresql://me:{SECRET}/host/music",
        f"postgresql://me:{SECRET}[@host/music",
        f"postgresql://host/music?{SECRET}",
        f"postgresql:/me:{SECRET}@host/music",
        f"postgresql://me:{SECRET}@host/music\nx",
        f"host=h password={SECRET}",
    ],
)
def test_what_libpq_would_take_apart_wrongly_is_refused_without_a_word_of_it(address: str) -> None:
    with pytest.raises(GenrescopeError, match="cannot read the address") as caught:
        checked(address)
    assert SECRET not in str(caught.value) + shown(address)


def test_a_server_that_says_nothing_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert "connect_timeout=15" in checked("postgresql://h/m")
    assert checked("postgresql://h/m?connect_timeout=3").count("connect_timeout") == 1
    monkeypatch.setenv("PGCONNECT_TIMEOUT", "3")
    assert "connect_timeout" not in checked("postgresql://h/m")


def test_addresses_are_told_from_files() -> None:
    for address in ("postgresql://", "postgres://h/m", "POSTGRESQL://h", Path("postgresql://me@h/m"), " postgresql://"):
        assert is_address(address)
    for file in ("covers/", "postgresql", "my-postgresql.csv", Path("/data/postgres/x")):
        assert not is_address(file)
