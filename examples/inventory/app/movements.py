"""What went in and out of the warehouse."""

import sqlite3
from datetime import date

RECENT = """
    SELECT id, location_id, quantity, reason, moved_at
    FROM stock_movement
    WHERE product_id = ?
    ORDER BY moved_at DESC
    LIMIT 50
"""


def recent_movements(connection: sqlite3.Connection, product_id: int) -> list[sqlite3.Row]:
    return connection.execute(RECENT, (product_id,)).fetchall()


def movements_on(connection: sqlite3.Connection, day: date) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT id, product_id, quantity FROM stock_movement WHERE date(moved_at) = ?",
        (day.isoformat(),),
    ).fetchall()


def find_by_reason(connection: sqlite3.Connection, words: str) -> list[sqlite3.Row]:
    return connection.execute(
        "SELECT id, product_id, moved_at FROM stock_movement WHERE reason LIKE '%damaged%' AND moved_by = ? LIMIT 20",
        (words,),
    ).fetchall()


def record(connection: sqlite3.Connection, rows: list[tuple[int, int, int, str, str, str]]) -> None:
    # One statement, one transaction: nothing to improve here.
    with connection:
        connection.executemany(
            "INSERT INTO stock_movement (product_id, location_id, quantity, reason, moved_at, moved_by) VALUES (?, ?, ?, ?, ?, ?)",
            rows,
        )
