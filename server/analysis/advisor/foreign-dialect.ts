/** Signs that a text is not the SQL it is taken for: another database's, a template, or words that only look like SQL. */
import type { Document } from '../document.ts';
import type { EngineId } from '../sql/statement.ts';

const mysql = /\bAUTO_INCREMENT\b|\bENGINE\s*=|\bUNSIGNED\b|\bON DUPLICATE KEY\b|\bMEDIUMTEXT\b|\bLONGTEXT\b/i;
const clickhouse =
  /\bMATERIALIZE\b|\bPROJECTION\b|\bLowCardinality\b|\bSimpleAggregateFunction\b|\bNullable\s*\(|\btoStartOf\w+\(|\bgroupArray\w*\(|\bany\s+left\s+join\b|\bRENAME\s+TABLE\b|\bADD\s+COLUMN\b[^;]*\bAFTER\b|\bPREWHERE\b|\bFINAL\s+WHERE\b|\bDateTime(64)?\b\s*[(,)]/i;
const others =
  /\bVARCHAR2\b|\bNVARCHAR\b|\bIDENTITY\s*\(|\bSELECT\s+TOP\s+\d|\bMergeTree\b|\bCLUSTER BY\b|\bQUALIFY\b|\bDISTKEY\b|^\s*GO\s*$/im;
const postgresOnly =
  /::\s*[a-z]|\bEXTRACT\s*\(|\b(BIG|SMALL)?SERIAL\b|\bNOW\s*\(\s*\)|\bINTERVAL\s+'|\bILIKE\b|\$\$|\bUSING\s+(gin|gist|brin|hash|btree)\b|\bTIMESTAMPTZ\b|\bLATERAL\b|\bFOR\s+UPDATE\b|\bALTER\s+COLUMN\b|\bDISTINCT\s+ON\b|=\s*ANY\b|\bCONCURRENTLY\b/i;
const sqliteOnly =
  /\bAUTOINCREMENT\b|\bPRAGMA\b|\bINSERT\s+OR\s+|\bstrftime\s*\(|\bdatetime\s*\(|\bWITHOUT\s+ROWID\b|\bGLOB\b|\bifnull\s*\(|\bCOLLATE\s+NOCASE\b|\bWITHOUT\s+ROWID\b/i;

/** Whether the text speaks another engine's language, so that this one's refusal says nothing. */
export function isForeign(sql: string, engine: EngineId): boolean {
  if (mysql.test(sql) || clickhouse.test(sql) || others.test(sql)) return true;
  return engine === 'sqlite' ? postgresOnly.test(sql) : sqliteOnly.test(sql) || /`/.test(sql);
}

const foreign = new WeakMap<Document, boolean>();
const otherFolders =
  /(^|[/._-])(clickhouse|mysql|mariadb|mssql|sqlserver|oracle|duckdb|bigquery|snowflake|redshift|spark|hive|cassandra|trino|presto|cockroach\w*)([/._-]|$)/i;
const folderOf: Readonly<Record<EngineId, RegExp>> = {
  sqlite: /(^|[/._-])(postgres(ql)?|pg|pgsql)([/._-]|$)/i,
  postgres: /(^|[/._-])sqlite3?([/._-]|$)/i,
};

/** A file is written for one engine: what one of its statements, its name or its folder says holds for all of them. */
export function isForeignFile(document: Document, engine: EngineId): boolean {
  let known = foreign.get(document);
  if (known === undefined) {
    const place = document.path.split('/').slice(-3).join('/');
    known =
      otherFolders.test(place) ||
      folderOf[engine].test(place) ||
      document.queries.some((query) => query.dialect === engine && isForeign(query.sql, engine));
    foreign.set(document, known);
  }
  return known;
}

/** The sign a parser stumbled over belongs to a template (`%name%`, `{{ x }}`, `:var`), to psql (`\d`) or to no SQL at all. */
export function isTemplateSign(message: string): boolean {
  return /near "?(%|\{|\}|\$|<|>|@|`|\\|#|\^|:|\||&|~|!)/.test(message) || /unrecognized token: "[%{}$<@`\\#:!]/.test(message);
}
