CREATE TABLE stock_count (
  id INTEGER PRIMARY KEY,
  location_id INTEGER NOT NULL REFERENCES location(id),
  counted_at TEXT NOT NULL,
  counted_by TEXT NOT NULL,
  difference INTEGER NOT NULL
);

CREATE INDEX idx_stock_count_location ON stock_count (location_id);
CREATE INDEX idx_stock_count_location_time ON stock_count (location_id, counted_at);
