"""Tells which goods must be ordered again."""

import sqlite3


def on_hand(connection: sqlite3.Connection, product_id: int) -> int:
    row = connection.execute(
        "SELECT coalesce(sum(quantity), 0) FROM stock_movement WHERE product_id = ?",
        (product_id,),
    ).fetchone()
    return row[0]


def to_reorder(connection: sqlite3.Connection) -> list[str]:
    products = connection.execute(
        "SELECT id, sku, reorder_level FROM product WHERE reorder_level > 0"
    ).fetchall()
    wanted = []
    for product in products:
        if on_hand(connection, product["id"]) < product["reorder_level"]:
            wanted.append(product["sku"])
    return wanted
