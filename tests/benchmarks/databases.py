"""PostgreSQL databases by their URLs, and how much is stored in one."""

import psycopg2
from psycopg2.extensions import connection as Connection
from psycopg2.extensions import cursor as Cursor

_BYTES = """SELECT sum(pg_total_relation_size(oid)) FROM pg_class
WHERE relkind = 'r' AND relnamespace = current_schema()::regnamespace"""


def split(url: str) -> tuple[str, str]:
    """Give the folder of the server's socket and the name of the database in its URL."""
    socket, _, name = url.partition("@/")[2].rpartition("/")
    return f"/{socket}".replace("//", "/"), name


def connected(url: str) -> Connection:
    """Connect to a database."""
    socket, name = split(url)
    return psycopg2.connect(host=socket, user="postgres", dbname=name)


def stored_bytes(cursor: Cursor) -> int:
    """Give how many bytes its tables take, with their indexes."""
    cursor.execute(_BYTES)
    return int(cursor.fetchone()[0])
