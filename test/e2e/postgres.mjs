// A real PostgreSQL with the storefront's tables in it, 50,000 orders, and a password.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startEmbedded } from '../engines/postgres-server.ts';

export async function startShop() {
  const server = await startEmbedded();
  const admin = await server.admin();
  await admin.query('CREATE DATABASE shop');
  await admin.query("CREATE ROLE clerk LOGIN PASSWORD 'oak-and-iron'");
  const shop = await server.admin('shop');
  const migrations = 'examples/storefront/db/migrations';
  const [first] = readdirSync(migrations).sort();
  await shop.query(readFileSync(join(migrations, first), 'utf8').split('-- migrate:down')[0]);
  await shop.query(
    "INSERT INTO customer (email, full_name) SELECT 'c' || n || '@example.org', 'Customer ' || n FROM generate_series(1, 1000) n",
  );
  await shop.query("INSERT INTO orders (customer_id, status, total_cents) SELECT 1 + n % 1000, 'open', n FROM generate_series(1, 50000) n");
  await shop.query('GRANT SELECT ON ALL TABLES IN SCHEMA public TO clerk');
  await shop.query('ANALYZE');
  await shop.end();
  return {
    url: `postgres://clerk@127.0.0.1:${server.port}/shop`,
    password: 'oak-and-iron',
    /** Ends every session but this one, as a restarted server would. */
    drop: () => admin.query('SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE usename = $1', ['clerk']),
    /** Statements that changed something since the start, by the server's own count. */
    async writes() {
      const { rows } = await admin.query(
        "SELECT sum(tup_inserted + tup_updated + tup_deleted)::int AS n FROM pg_stat_database WHERE datname = 'shop'",
      );
      return rows[0].n;
    },
    async stop() {
      await admin.end();
      await server.stop();
    },
  };
}
