// Makes files and repositories to measure on: the same for the same numbers, believable in shape, nobody's code.

export const tables = ['account', 'invoice', 'payment', 'shipment', 'device', 'event_log', 'session', 'article'];

/** SQL that builds the tables every generated file queries. */
export function schemaSql() {
  return tables
    .map(
      (table) =>
        `CREATE TABLE ${table} (\n  id INTEGER PRIMARY KEY,\n  owner_id INTEGER NOT NULL,\n  status TEXT NOT NULL,\n  created_at TEXT NOT NULL,\n  amount INTEGER\n);\nCREATE INDEX idx_${table}_owner ON ${table} (owner_id);\n`,
    )
    .join('\n');
}

const python = (n) => `
def load_${n}(connection, owner_id, limit=50):
    """Rows of one owner, newest first."""
    if owner_id is None:
        raise ValueError("owner_id is missing")
    rows = connection.execute(
        "SELECT id, status, amount FROM ${tables[n % tables.length]} WHERE ${n % 3 === 0 ? 'status' : 'owner_id'} = ? ORDER BY created_at DESC LIMIT ?",
        (owner_id, limit),
    ).fetchall()
    total = 0
    for row in rows:
        total += row[2] or 0
    return {"rows": [dict(id=row[0], status=row[1]) for row in rows], "total": total}

`;
const typescript = (n) => `
export async function load${n}(ownerId: string, limit = 50): Promise<Result${n % 5}> {
  if (!ownerId) throw new Error('ownerId is missing');
  const rows = await database.all(
    \`SELECT id, status, amount
       FROM ${tables[n % tables.length]}
      WHERE ${n % 3 === 0 ? 'status' : 'owner_id'} = ?
      ORDER BY created_at DESC LIMIT ?\`,
    [ownerId, limit],
  );
  let total = 0;
  for (const row of rows) {
    total += row.amount ?? 0;
  }
  return { rows: rows.map((row) => ({ id: row.id, status: row.status })), total };
}
`;
const sql = (n) => `
-- name: Load${n} :many
SELECT a.id, a.status, b.amount
  FROM ${tables[n % tables.length]} a
  JOIN ${tables[(n + 1) % tables.length]} b ON b.owner_id = a.id
 WHERE a.${n % 3 === 0 ? 'status' : 'owner_id'} = ?
   AND b.created_at > ?
 ORDER BY b.created_at DESC
 LIMIT 50;
`;
const go = (n) => `
func (s *Store) Load${n}(ctx context.Context, ownerID int64) ([]Row, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT id, status, amount FROM ${tables[n % tables.length]} WHERE owner_id = ? LIMIT 50", ownerID)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var out []Row
	for rows.Next() {
		var row Row
		if err := rows.Scan(&row.ID, &row.Status, &row.Amount); err != nil {
			return nil, err
		}
		out = append(out, row)
	}
	return out, rows.Err()
}
`;
const rust = (n) => `
pub fn load_${n}(connection: &Connection, owner_id: i64) -> rusqlite::Result<Vec<Row>> {
    let mut statement = connection.prepare_cached("SELECT id, status, amount FROM ${tables[n % tables.length]} WHERE owner_id = ?1 LIMIT 50")?;
    let rows = statement.query_map([owner_id], |row| Ok(Row { id: row.get(0)?, status: row.get(1)?, amount: row.get(2)? }))?;
    rows.collect()
}
`;
const plainPython = (n) => `
def shape_${n}(values):
    result = []
    for index, value in enumerate(values):
        if value % 2 == 0:
            result.append(value * ${n})
        else:
            result.append(index)
    return sorted(result)

`;
const plainTypescript = (n) => `
export function shape${n}(values: readonly number[]): number[] {
  const result: number[] = [];
  for (const [index, value] of values.entries()) {
    if (value % 2 === 0) result.push(value * ${n});
    else result.push(index);
  }
  return result.toSorted((a, b) => a - b);
}
`;
const plainGo = (n) => `
func shape${n}(values []int) []int {
	result := make([]int, 0, len(values))
	for index, value := range values {
		if value%2 == 0 {
			result = append(result, value*${n})
		} else {
			result = append(result, index)
		}
	}
	return result
}
`;
const kinds = {
  python: { head: 'import sqlite3\n\n', item: python, extension: 'py' },
  typescript: { head: "import { database } from './database.js';\nimport sqlite3 from 'sqlite3';\n", item: typescript, extension: 'ts' },
  sql: { head: '-- queries\n', item: sql, extension: 'sql' },
  go: {
    head: 'package store\n\nimport (\n\t"context"\n\t"database/sql"\n\n\t_ "github.com/mattn/go-sqlite3"\n)\n',
    item: go,
    extension: 'go',
  },
  rust: { head: 'use rusqlite::Connection;\n', item: rust, extension: 'rs' },
  plainPython: { head: '"""Nothing here reaches a database."""\n', item: plainPython, extension: 'py' },
  plainTypescript: { head: '// Nothing here reaches a database.\n', item: plainTypescript, extension: 'ts' },
  plainGo: { head: 'package shapes\n', item: plainGo, extension: 'go' },
};

/** A file of one kind with at least that many lines. */
export function fileOf(kind, lines) {
  const { head, item, extension } = kinds[kind];
  let text = head;
  let count = head.split('\n').length;
  for (let n = 0; count < lines; n++) {
    const next = item(n);
    text += next;
    count += next.split('\n').length - 1;
  }
  return { text, extension };
}

/**
 * A repository: path -> text. One file in sixteen queries a database, with some sixteen statements, so that there is one
 * statement a file, as in the six public repositories it was measured against (3,270 files, 3,163 statements, 43 calls a file).
 */
export function repository(count) {
  const files = new Map([['migrations/0001_tables.sql', schemaSql()]]);
  const plain = ['plainPython', 'plainTypescript', 'plainGo'];
  const querying = ['python', 'typescript', 'go', 'rust', 'sql'];
  for (let n = 0; n < count - 1; n++) {
    const kind = n % 16 === 0 ? querying[(n / 16) % querying.length] : plain[n % plain.length];
    const { text, extension } = fileOf(kind, 60 + ((n * 37) % 240));
    files.set(`${kind}/part${Math.floor(n / 100)}/file${n}.${extension}`, text);
  }
  return files;
}
