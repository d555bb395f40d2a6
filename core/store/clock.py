"""The clock by which leases end: that of the database where several machines share it, so that a wrong clock steals no run."""

import time

from sqlalchemy import text
from sqlmodel import Session


def read_clock(session: Session) -> float:
    """Seconds since 1970 by the clock that all who use this history share."""
    connection = session.connection()
    if connection.dialect.name != "postgresql":
        return time.time()
    return float(connection.execute(text("SELECT extract(epoch FROM clock_timestamp())")).scalar_one())
