/**
 * A cheap look at a file's text: nothing but a statement, a database client or calls made in a loop can concern a rule, so a
 * file without any of them is not parsed.
 */
const sqlText =
  /\b(?:select\s|insert\s+(?:or\s+\w+\s+)?into|update\s+\S+\s+set|delete\s+from|create\s+(?:or\s+\w+\s+)?(?:\w+\s+){0,3}(?:table|index|view)|alter\s+(?:table|system)|drop\s+(?:table|index)|pragma\s|vacuum|with\s+\w+\s+as\s*\()/i;
const client =
  /sqlite|postgres|pgx|psycopg|asyncpg|sqlalchemy|sqlx|diesel|rusqlite|sea_orm|gorm|database\/sql|knex|prisma|drizzle|kysely|typeorm|sequelize|mikro-orm|mongoose|mongodb|mysql|mariadb|redis|django|peewee|tortoise|sqlmodel|\bpg\b|\bsql\b|fetch\(|axios|requests|httpx|aiohttp|reqwest|net\/http|ent\/|bun\b|createTable|addColumn|tunelens/i;
const loop = /\b(?:for|while|loop)\b|\.(?:map|forEach|flatMap|for_each|each)\s*\(/;
const waiting =
  /\bawait\b|\.(?:execute|query|exec|fetch\w*|find\w*|get\w*|load\w*|save|create|update|delete|insert\w*|Query\w*|Exec\w*|Get\w*|Find\w*|[A-Z]\w+)\s*\(/;

/** What helpers in other files are called through: their fields and the interfaces they stand behind. */
const declaring =
  /\binterface\s*\{|\btrait\s+\w|\bstruct\s+\w+\s*(?:<[^{;]*)?\{|\bclass\s+\w+|\binterface\s+\w+[^{]*\{[^}]*\)\s*:\s*Promise\b/;

export function concernsHost(text: string): boolean {
  // A loop may call what reaches a database in another file, and what is called may only pass on what it is given.
  return loop.test(text) || waiting.test(text) || client.test(text) || sqlText.test(text) || declaring.test(text);
}
