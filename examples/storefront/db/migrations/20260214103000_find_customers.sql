-- migrate:up
CREATE UNIQUE INDEX customer_email_key ON customer (email);
CREATE INDEX orders_recent ON orders (placed_at) WHERE placed_at > now() - interval '30 days';

-- migrate:down
DROP INDEX customer_email_key;
