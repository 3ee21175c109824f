/** Signs that a text is not the SQL it is taken for: another database's, a template, or words that only look like SQL. */
import type { EngineId } from '../sql/statement.ts';

const mysql = /\bAUTO_INCREMENT\b|\bENGINE\s*=|\bUNSIGNED\b|\bON DUPLICATE KEY\b|\bMEDIUMTEXT\b|\bLONGTEXT\b/i;
const others =
  /\bVARCHAR2\b|\bNVARCHAR\b|\bIDENTITY\s*\(|\bSELECT\s+TOP\s+\d|\bMergeTree\b|\bCLUSTER BY\b|\bQUALIFY\b|\bDISTKEY\b|^\s*GO\s*$/im;
const postgresOnly =
  /::\s*[a-z]|\bEXTRACT\s*\(|\b(BIG|SMALL)?SERIAL\b|\bNOW\s*\(\s*\)|\bINTERVAL\s+'|\bILIKE\b|\$\$|\bUSING\s+(gin|gist|brin|hash|btree)\b|\bTIMESTAMPTZ\b|\bLATERAL\b|\bFOR\s+UPDATE\b|\bALTER\s+COLUMN\b|\bDISTINCT\s+ON\b|=\s*ANY\b|\bCONCURRENTLY\b/i;
const sqliteOnly =
  /\bAUTOINCREMENT\b|\bPRAGMA\b|\bINSERT\s+OR\s+|\bstrftime\s*\(|\bdatetime\s*\(|\bWITHOUT\s+ROWID\b|\bGLOB\b|\bifnull\s*\(/i;

/** Whether the text speaks another engine's language, so that this one's refusal says nothing. */
export function isForeign(sql: string, engine: EngineId): boolean {
  if (mysql.test(sql) || others.test(sql)) return true;
  return engine === 'sqlite' ? postgresOnly.test(sql) : sqliteOnly.test(sql) || /`/.test(sql);
}

/** The sign a parser stumbled over belongs to a template (`%name%`, `{{ x }}`, `:var`), to psql (`\d`) or to no SQL at all. */
export function isTemplateSign(message: string): boolean {
  return /near "?(%|\{|\}|\$|<|>|@|`|\\|#|\^|:|\||&|~|!)/.test(message) || /unrecognized token: "[%{}$<@`\\#:!]/.test(message);
}
