CREATE TABLE product (
  id INTEGER PRIMARY KEY,
  sku TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  category TEXT NOT NULL,
  reorder_level INTEGER NOT NULL DEFAULT 0,
  notes TEXT
);

CREATE TABLE location (
  id INTEGER PRIMARY KEY,
  code TEXT NOT NULL UNIQUE,
  zone TEXT NOT NULL
);

CREATE TABLE stock_movement (
  id INTEGER PRIMARY KEY,
  product_id INTEGER NOT NULL REFERENCES product(id),
  location_id INTEGER NOT NULL REFERENCES location(id),
  quantity INTEGER NOT NULL,
  reason TEXT NOT NULL,
  moved_at TEXT NOT NULL,
  moved_by TEXT NOT NULL
);
