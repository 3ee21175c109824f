mod store;

use sqlx::postgres::PgPoolOptions;

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let pool = PgPoolOptions::new().max_connections(16).connect(&std::env::var("DATABASE_URL")?).await?;
    let store = store::Store::new(pool);
    for line in store.describe(&[]).await? {
        println!("{line}");
    }
    Ok(())
}
