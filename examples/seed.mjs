// Makes the warehouse's database (240,000 stock movements) from its migrations. Does nothing when it is already there.
import Database from 'better-sqlite3';
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { join } from 'node:path';

const inventory = fileURLToPath(new URL('./inventory/', import.meta.url));
const movements = 240_000;
const products = 4_000;
const locations = 120;

/** Writes the database under `folder` (the example's own `data` where absent) and returns its path. */
export function seed(folder = join(inventory, 'data')) {
  const path = join(folder, 'inventory.db');
  if (existsSync(path)) return path;
  mkdirSync(folder, { recursive: true });
  // Written beside it and renamed, so that an interrupted run leaves no half database behind.
  const unfinished = `${path}.unfinished`;
  rmSync(unfinished, { force: true });
  const database = new Database(unfinished);
  database.pragma('journal_mode = OFF');
  database.pragma('synchronous = OFF');
  const migrations = join(inventory, 'migrations');
  for (const name of readdirSync(migrations).sort()) database.exec(readFileSync(join(migrations, name), 'utf8'));
  // A fixed generator: the same database on every machine (Park and Miller's minimal standard).
  let state = 20261120;
  const below = (limit) => {
    state = (state * 48271) % 2147483647;
    return state % limit;
  };
  const reasons = ['sale', 'purchase', 'return', 'damaged in transit', 'correction'];
  const people = ['amara', 'bjorn', 'chloe', 'dmitri', 'esra'];
  const day = (n) => new Date(Date.UTC(2025, 0, 1) + n * 86_400_000).toISOString().slice(0, 10);
  database.transaction(() => {
    const product = database.prepare('INSERT INTO product (sku, name, category, reorder_level, notes) VALUES (?, ?, ?, ?, ?)');
    for (let n = 1; n <= products; n++) product.run(`HG-${String(n).padStart(5, '0')}`, `Article ${n}`, `category ${n % 40}`, n % 3 === 0 ? 20 : 0, null);
    const location = database.prepare('INSERT INTO location (code, zone) VALUES (?, ?)');
    for (let n = 1; n <= locations; n++) location.run(`L${n}`, 'ABCDEF'[n % 6]);
    const movement = database.prepare('INSERT INTO stock_movement (product_id, location_id, quantity, reason, moved_at, moved_by) VALUES (?, ?, ?, ?, ?, ?)');
    for (let n = 0; n < movements; n++) {
      const at = `${day(Math.floor((n * 600) / movements))}T${String(below(24)).padStart(2, '0')}:${String(below(60)).padStart(2, '0')}:00Z`;
      movement.run(1 + below(products), 1 + below(locations), below(40) - 15, reasons[below(5)], at, people[below(5)]);
    }
    const count = database.prepare('INSERT INTO stock_count (location_id, counted_at, counted_by, difference) VALUES (?, ?, ?, ?)');
    for (let n = 0; n < 6_000; n++) count.run(1 + below(locations), day(below(600)), people[below(5)], below(7) - 3);
  })();
  database.exec('ANALYZE');
  database.close();
  renameSync(unfinished, path);
  return path;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) console.log(seed());
