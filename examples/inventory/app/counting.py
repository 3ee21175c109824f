"""Stock counts. Each function opens the database for itself."""

import sqlite3

from .database import DATABASE


class Counting:
    def last_count(self, location_id: int) -> str | None:
        with sqlite3.connect(DATABASE) as connection:
            row = connection.execute(
                "SELECT max(counted_at) FROM stock_count WHERE location_id = ?", (location_id,)
            ).fetchone()
        return row[0] if row else None

    def record_count(self, location_id: int, when: str, who: str, difference: int) -> None:
        with sqlite3.connect(DATABASE) as connection:
            connection.execute(
                "INSERT INTO stock_count (location_id, counted_at, counted_by, difference) VALUES (?, ?, ?, ?)",
                (location_id, when, who, difference),
            )

    def history(self, who: str) -> list[tuple]:
        with sqlite3.connect(DATABASE) as connection:
            return connection.execute(
                "SELECT counted_at, diference FROM stock_count WHERE counted_by = ? ORDER BY counted_at", (who,)
            ).fetchall()
