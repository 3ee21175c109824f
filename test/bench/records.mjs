/** A shop for music and groceries in the spirit of SQLite's sample databases; SQLite makes the rows itself. */
export const schema = [
  'CREATE TABLE artist (id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  'CREATE TABLE album (id INTEGER PRIMARY KEY, title TEXT NOT NULL, artist_id INTEGER NOT NULL)',
  'CREATE TABLE track (id INTEGER PRIMARY KEY, name TEXT NOT NULL, album_id INTEGER, medium INTEGER NOT NULL, genre_id INTEGER, composer TEXT, milliseconds INTEGER NOT NULL, price REAL NOT NULL)',
  'CREATE TABLE genre (id INTEGER PRIMARY KEY, name TEXT NOT NULL)',
  'CREATE TABLE playlist_track (playlist_id INTEGER NOT NULL, track_id INTEGER NOT NULL, PRIMARY KEY (playlist_id, track_id)) WITHOUT ROWID',
  'CREATE TABLE customer (id INTEGER PRIMARY KEY, name TEXT NOT NULL, email TEXT NOT NULL, country TEXT NOT NULL, city TEXT, helper_id INTEGER)',
  'CREATE TABLE employee (id INTEGER PRIMARY KEY, name TEXT NOT NULL, title TEXT, boss_id INTEGER)',
  'CREATE TABLE invoice (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, made_at TEXT NOT NULL, country TEXT NOT NULL, total REAL NOT NULL, paid_at TEXT)',
  'CREATE TABLE invoice_line (id INTEGER PRIMARY KEY, invoice_id INTEGER NOT NULL, track_id INTEGER NOT NULL, price REAL NOT NULL, quantity INTEGER NOT NULL)',
  'CREATE TABLE supplier (id INTEGER PRIMARY KEY, name TEXT NOT NULL, country TEXT NOT NULL)',
  'CREATE TABLE product (id INTEGER PRIMARY KEY, name TEXT NOT NULL, supplier_id INTEGER NOT NULL, category TEXT NOT NULL, stock INTEGER NOT NULL, reorder_at INTEGER NOT NULL, discontinued INTEGER NOT NULL)',
  'CREATE TABLE product_order (id INTEGER PRIMARY KEY, customer_id INTEGER NOT NULL, employee_id INTEGER NOT NULL, ordered_at TEXT NOT NULL, shipped_at TEXT, freight REAL NOT NULL)',
  'CREATE TABLE order_line (order_id INTEGER NOT NULL, product_id INTEGER NOT NULL, price REAL NOT NULL, quantity INTEGER NOT NULL, PRIMARY KEY (order_id, product_id))',
];
export const data = (scale) => {
  const numbers = (count) => `WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ${count})`;
  // A multiplier without common factors spreads, a square gathers at the small end.
  const even = (count, salt) => `((i * 7919 + ${salt}) % ${count} + 1)`;
  const skewed = (count, salt) => `(1 + ((i * 7919 + ${salt}) % 1000) * ((i * 104729 + ${salt}) % 1000) * ${count} / 1000000)`;
  const countries = "substr('USAGERFRAGBRITAJPNCANBRAINDESP', 3 * (CASE WHEN i % 3 = 0 THEN 0 ELSE i % 10 END) + 1, 3)";
  const tracks = 3500 * scale;
  const invoices = 4000 * scale;
  return [
    `${numbers(275 * scale)} INSERT INTO artist SELECT i, 'Artist ' || i FROM n`,
    `${numbers(350 * scale)} INSERT INTO album SELECT i, 'Album ' || (i * 37 % 1000), ${skewed(275 * scale, 1)} FROM n`,
    `${numbers(25)} INSERT INTO genre SELECT i, CASE i WHEN 1 THEN 'Rock' WHEN 2 THEN 'Jazz' ELSE 'Genre ' || i END FROM n`,
    `${numbers(tracks)} INSERT INTO track SELECT i, 'Track ' || (i * 53 % 9973), ${even(350 * scale, 2)}, ${even(5, 3)}, ${skewed(25, 4)}, CASE WHEN i % 4 THEN 'Composer ' || (i % 800) END, 100000 + i * 997 % 300000, 0.99 + i % 3 FROM n`,
    `${numbers(tracks * 2)} INSERT OR IGNORE INTO playlist_track SELECT ${skewed(18, 5)}, ${even(tracks, 6)} FROM n`,
    `${numbers(600 * scale)} INSERT INTO customer SELECT i, 'Customer ' || i, 'c' || i || '@example.org', ${countries}, 'City ' || (i % 90), ${even(40, 7)} FROM n`,
    `${numbers(40)} INSERT INTO employee SELECT i, 'Employee ' || i, CASE WHEN i % 8 THEN 'Agent' ELSE 'Manager' END, (i + 7) / 8 FROM n`,
    `${numbers(invoices)} INSERT INTO invoice SELECT i, ${skewed(600 * scale, 8)}, date('2020-01-01', '+' || (i * 2000 / ${invoices}) || ' days'), ${countries}, 1 + i * 31 % 2500 / 100.0, CASE WHEN i % 25 THEN date('2020-01-01', '+' || (i * 2000 / ${invoices} + i % 30) || ' days') END FROM n`,
    `${numbers(invoices * 5)} INSERT INTO invoice_line SELECT i, (i + 4) / 5, ${skewed(tracks, 9)}, 0.99, 1 FROM n`,
    `${numbers(30 * scale)} INSERT INTO supplier SELECT i, 'Supplier ' || i, ${countries} FROM n`,
    `${numbers(800 * scale)} INSERT INTO product SELECT i, 'Product ' || i, ${even(30 * scale, 10)}, 'Category ' || ${skewed(12, 11)}, i * 17 % 120, i % 30, i % 15 = 0 FROM n`,
    `${numbers(3000 * scale)} INSERT INTO product_order SELECT i, ${skewed(600 * scale, 12)}, ${even(40, 13)}, date('2021-01-01', '+' || (i * 1500 / ${3000 * scale}) || ' days'), CASE WHEN i % 40 THEN date('2021-01-01', '+' || (i * 1500 / ${3000 * scale} + 5) || ' days') END, i * 7 % 900 / 10.0 FROM n`,
    `${numbers(9000 * scale)} INSERT OR IGNORE INTO order_line SELECT (i + 2) / 3, ${skewed(800 * scale, 14)}, 10 + i % 90, 1 + i % 20 FROM n`,
    'ANALYZE',
  ];
};
export const queries = [
  ['albums of an artist', 'SELECT id, title FROM album WHERE artist_id = 12'],
  ['tracks of an album', 'SELECT id, name, milliseconds FROM track WHERE album_id = 44 ORDER BY name'],
  ['tracks of a genre by length', 'SELECT id, name FROM track WHERE genre_id = 17 ORDER BY milliseconds DESC LIMIT 10'],
  ['tracks of a composer', "SELECT t.name, a.title FROM track t JOIN album a ON a.id = t.album_id WHERE t.composer = 'Composer 77'"],
  ['invoices of a customer', 'SELECT id, made_at, total FROM invoice WHERE customer_id = 33 ORDER BY made_at DESC'],
  ['unpaid invoices', 'SELECT id, customer_id, total FROM invoice WHERE paid_at IS NULL ORDER BY made_at LIMIT 50'],
  ['sales of a month', "SELECT country, sum(total) FROM invoice WHERE made_at >= '2023-03-01' AND made_at < '2023-04-01' GROUP BY country"],
  ['lines of an invoice', 'SELECT l.id, t.name, l.price FROM invoice_line l JOIN track t ON t.id = l.track_id WHERE l.invoice_id = 1234'],
  ['how often a track was sold', 'SELECT count(*), sum(quantity) FROM invoice_line WHERE track_id = 99'],
  [
    'best customers of a country',
    "SELECT c.name, sum(i.total) FROM customer c JOIN invoice i ON i.customer_id = c.id WHERE c.country = 'ITA' GROUP BY c.id ORDER BY 2 DESC LIMIT 10",
  ],
  ['customer by mail', "SELECT id, name FROM customer WHERE email = 'c17@example.org'"],
  ['customer by mail, any case', "SELECT id, name FROM customer WHERE lower(email) = 'c17@example.org'"],
  ['customers of an agent', 'SELECT id, name, city FROM customer WHERE helper_id = 5 ORDER BY name'],
  [
    'what a customer heard',
    'SELECT DISTINCT g.name FROM invoice i JOIN invoice_line l ON l.invoice_id = i.id JOIN track t ON t.id = l.track_id JOIN genre g ON g.id = t.genre_id WHERE i.customer_id = 77',
  ],
  [
    'tracks nobody bought',
    'SELECT count(*) FROM track t WHERE t.album_id = 3 AND NOT EXISTS (SELECT 1 FROM invoice_line l WHERE l.track_id = t.id)',
  ],
  ['playlists of a track', 'SELECT playlist_id FROM playlist_track WHERE track_id = 500'],
  ['to be reordered', 'SELECT id, name, stock FROM product WHERE discontinued = 0 AND stock < 5'],
  ['products of a supplier', "SELECT p.id, p.name FROM product p JOIN supplier s ON s.id = p.supplier_id WHERE s.name = 'Supplier 9'"],
  ['late orders', "SELECT id, ordered_at FROM product_order WHERE shipped_at IS NULL AND ordered_at < '2023-01-01'"],
  [
    'orders of an employee in a quarter',
    "SELECT count(*), sum(freight) FROM product_order WHERE employee_id = 7 AND ordered_at BETWEEN '2022-01-01' AND '2022-03-31'",
  ],
  [
    'sales of a product',
    'SELECT o.ordered_at, d.quantity FROM order_line d JOIN product_order o ON o.id = d.order_id WHERE d.product_id = 3 ORDER BY o.ordered_at DESC LIMIT 20',
  ],
  [
    'turnover by category',
    'SELECT p.category, sum(d.price * d.quantity) FROM order_line d JOIN product p ON p.id = d.product_id GROUP BY p.category',
  ],
  ['mark as paid', "UPDATE invoice SET paid_at = '2026-01-01' WHERE id = 5"],
  ['an order is taken', "INSERT INTO product_order (customer_id, employee_id, ordered_at, freight) VALUES (1, 2, '2026-01-01', 3.5)"],
];
