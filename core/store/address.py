"""Addresses of databases as people write them: a file, `postgres://...`, or an SQLAlchemy URL."""

from pathlib import Path

from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError

from core.domain.errors import StoreError

FILE = "sqlite:///"
"""Beginning of the address of a file; its path follows as it is."""
_DRIVERS = {"postgres": "postgresql+psycopg", "postgresql": "postgresql+psycopg"}
"""Names of a kind of database that leave the driver open, with the driver that is used."""
_ESCAPES = "Signs of a password that an address uses itself are written as %2F for /, %3A for :, %40 for @, %23 for # and %25 for %."


def read_address(text: str) -> str:
    """The SQLAlchemy URL that a text means; a plain path is an SQLite file. Raises StoreError."""
    text = text.strip()
    if "://" not in text:
        if not text:
            raise StoreError("An address of a database is needed.", hint="A file, or postgresql://USER:PASSWORD@HOST/NAME.")
        return f"{FILE}{Path(text).expanduser().absolute()}"
    if text.startswith(FILE):
        return text  # a path behind it is a path, whatever signs it has: written anew, half of them would be written in percent
    url = _parse(text)
    return url.set(drivername=_DRIVERS.get(url.drivername, url.drivername)).render_as_string(hide_password=False)


def hide_password(address: str) -> str:
    """An address as it may be shown: without password, and without what stands behind the question mark."""
    return address if address.startswith(FILE) else _parse(address).set(query={}).render_as_string(hide_password=True)


def _parse(text: str) -> URL:
    try:
        return make_url(text)
    except ArgumentError as error:
        raise StoreError("This is no address of a database.", hint="A file, or postgresql://USER:PASSWORD@HOST/NAME.") from error
    except ValueError as error:  # what stands where the port is expected is no number, and may be half of a password: it is not repeated
        raise StoreError("The port in the address of the database is no number.", hint=_ESCAPES) from error
