import { pool } from './database.js';

export interface Order {
  id: string;
  status: string;
  total_cents: string;
  placed_at: Date;
}

export async function ordersOf(customerId: string): Promise<Order[]> {
  const { rows } = await pool.query<Order>(
    `SELECT id, status, total_cents, placed_at
       FROM orders
      WHERE customer_id = $1
      ORDER BY placed_at DESC
      LIMIT 25`,
    [customerId],
  );
  return rows;
}

export async function page(status: string, size: number, page: number): Promise<Order[]> {
  const { rows } = await pool.query<Order>(
    'SELECT id, status, total_cents, placed_at FROM orders WHERE status = $1 ORDER BY id LIMIT $2 OFFSET $3',
    [status, size, size * page],
  );
  return rows;
}

export async function withLines(customerId: string) {
  const orders = await ordersOf(customerId);
  const result = [];
  for (const order of orders) {
    const { rows } = await pool.query('SELECT sku, quantity, price_cents FROM order_line WHERE order_id = $1', [order.id]);
    result.push({ ...order, lines: rows });
  }
  return result;
}

/** All lines of many orders in one round trip. */
export async function linesOf(orderIds: string[]) {
  const { rows } = await pool.query('SELECT order_id, sku, quantity FROM order_line WHERE order_id = ANY($1)', [orderIds]);
  return rows;
}
