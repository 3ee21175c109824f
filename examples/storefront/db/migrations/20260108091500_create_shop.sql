-- migrate:up
CREATE TABLE customer (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  email text NOT NULL,
  full_name text NOT NULL,
  created_at timestamptz NOT NULL DEFAULT now(),
  closed_at timestamptz
);

CREATE TABLE orders (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  customer_id bigint NOT NULL REFERENCES customer (id),
  status text NOT NULL,
  total_cents bigint NOT NULL,
  placed_at timestamptz NOT NULL DEFAULT now(),
  shipping jsonb NOT NULL DEFAULT '{}'
);

CREATE TABLE order_line (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  order_id bigint NOT NULL REFERENCES orders (id),
  sku text NOT NULL,
  quantity integer NOT NULL,
  price_cents bigint NOT NULL
);

-- migrate:down
DROP TABLE order_line;
DROP TABLE orders;
DROP TABLE customer;
