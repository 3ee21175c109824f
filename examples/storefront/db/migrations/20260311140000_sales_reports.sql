-- migrate:up
CREATE TABLE page_view (
  id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
  sku text NOT NULL,
  seen_at timestamptz NOT NULL
) PARTITION BY RANGE (seen_at);

CREATE MATERIALIZED VIEW daily_sales AS
SELECT date_trunc('day', o.placed_at) AS day, l.sku, sum(l.quantity) AS sold
FROM orders o
JOIN order_line l ON l.order_id = o.id
GROUP BY 1, 2;

CREATE FUNCTION refresh_reports() RETURNS void LANGUAGE plpgsql AS $$
BEGIN
  REFRESH MATERIALIZED VIEW CONCURRENTLY daily_sales;
END;
$$;

-- migrate:down
DROP FUNCTION refresh_reports;
DROP MATERIALIZED VIEW daily_sales;
DROP TABLE page_view;
