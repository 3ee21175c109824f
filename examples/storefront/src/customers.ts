import { pool } from './database.js';

export async function byEmail(email: string) {
  const { rows } = await pool.query('SELECT id, full_name FROM customer WHERE lower(email) = $1', [email.toLowerCase()]);
  return rows[0];
}

export async function searchByName(part: string) {
  const { rows } = await pool.query(`SELECT id, full_name FROM customer WHERE full_name ILIKE '%' || $1 || '%' LIMIT 20`, [part]);
  return rows;
}

export async function dashboard() {
  const newest = await pool.query('SELECT id, full_name FROM customer ORDER BY id DESC LIMIT 10');
  const open = await pool.query("SELECT count(*) FROM orders WHERE status = 'open'");
  const revenue = await pool.query("SELECT sum(total_cents) FROM orders WHERE placed_at > now() - interval '1 day'");
  return { newest: newest.rows, open: open.rows[0].count, revenue: revenue.rows[0].sum };
}

export async function shippedTo(country: string) {
  const { rows } = await pool.query(`SELECT id, total_cents FROM orders WHERE shipping->>'county' = $1 AND state = 'shipped'`, [country]);
  return rows;
}
