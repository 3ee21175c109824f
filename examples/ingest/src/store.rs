//! Keeps sensor readings.

use sqlx::PgPool;

pub struct Reading {
    pub sensor_id: i64,
    pub celsius: f64,
}

pub struct Store {
    pool: PgPool,
}

impl Store {
    pub fn new(pool: PgPool) -> Self {
        Self { pool }
    }

    async fn label_of(&self, sensor_id: i64) -> anyhow::Result<String> {
        let label = sqlx::query_scalar::<_, String>("SELECT label FROM sensor WHERE id = $1")
            .bind(sensor_id)
            .fetch_one(&self.pool)
            .await?;
        Ok(label)
    }

    pub async fn describe(&self, readings: &[Reading]) -> anyhow::Result<Vec<String>> {
        let mut lines = Vec::with_capacity(readings.len());
        for reading in readings {
            let label = self.label_of(reading.sensor_id).await?;
            lines.push(format!("{label}: {:.1} °C", reading.celsius));
        }
        Ok(lines)
    }

    pub async fn save(&self, readings: &[Reading]) -> anyhow::Result<()> {
        for reading in readings {
            sqlx::query("INSERT INTO reading (sensor_id, taken_at, celsius) VALUES ($1, now(), $2)")
                .bind(reading.sensor_id)
                .bind(reading.celsius)
                .execute(&self.pool)
                .await?;
        }
        Ok(())
    }

    pub async fn alarms(&self) -> anyhow::Result<Vec<(i64, f64)>> {
        let rows = sqlx::query_as::<_, (i64, f64)>(
            r#"SELECT sensor_id, celsius FROM reading WHERE alarm AND taken_at > now() - interval '1 hour'"#,
        )
        .fetch_all(&self.pool)
        .await?;
        Ok(rows)
    }

    /// One statement for any number of readings.
    pub async fn save_all(&self, sensors: &[i64], celsius: &[f64]) -> anyhow::Result<()> {
        sqlx::query("INSERT INTO reading (sensor_id, taken_at, celsius) SELECT s, now(), c FROM unnest($1::bigint[], $2::float8[]) AS t(s, c)")
            .bind(sensors)
            .bind(celsius)
            .execute(&self.pool)
            .await?;
        Ok(())
    }
}
