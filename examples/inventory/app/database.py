"""Opens the warehouse database."""

import sqlite3
from pathlib import Path

DATABASE = Path(__file__).resolve().parent.parent / "data" / "inventory.db"


def tune(connection: sqlite3.Connection) -> None:
    connection.execute("PRAGMA journal_mode = WAL")
    connection.execute("PRAGMA synchronus = NORMAL")
    connection.execute("PRAGMA cache_size = 65536")  # 64 MB
    connection.execute("PRAGMA mmap_size = 8589934592")
    connection.execute("PRAGMA foreign_keys = ON")


def open_database() -> sqlite3.Connection:
    connection = sqlite3.connect(DATABASE, timeout=10)
    connection.row_factory = sqlite3.Row
    tune(connection)
    return connection
