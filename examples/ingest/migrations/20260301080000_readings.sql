CREATE TABLE sensor (
  id bigint PRIMARY KEY,
  label text NOT NULL,
  truck text NOT NULL
);

CREATE TABLE reading (
  sensor_id bigint NOT NULL REFERENCES sensor (id),
  taken_at timestamptz NOT NULL,
  celsius double precision NOT NULL,
  alarm boolean NOT NULL DEFAULT false
);

CREATE INDEX reading_sensor_taken ON reading (sensor_id, taken_at);
