import { pool } from './database.js';

export async function sameBasket(orderId: number, sku: string) {
  const { rows } = await pool.query('SELECT id, order_id FROM order_line WHERE order_id = $1 OR sku = $2', [orderId, sku]);
  return rows;
}

export async function bestCustomers() {
  const { rows } = await pool.query(
    `SELECT c.id, c.full_name, (SELECT count(*) FROM orders o WHERE o.customer_id = c.id) AS orders
       FROM customer c
      WHERE c.closed_at IS NULL`,
  );
  return rows;
}

export async function ordersOn(day: string) {
  const { rows } = await pool.query('SELECT id, total_cents FROM orders WHERE placed_at::date = $1', [day]);
  return rows;
}

export async function everyStatus() {
  const { rows } = await pool.query("SELECT id, 'open' AS kind FROM orders WHERE status = 'open' UNION SELECT id, 'sent' AS kind FROM orders WHERE status = 'sent'");
  return rows;
}

export async function withLines() {
  const { rows } = await pool.query('SELECT DISTINCT o.id, o.status FROM orders o JOIN order_line l ON l.order_id = o.id');
  return rows;
}
