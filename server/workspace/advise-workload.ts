/** Files that say what ran, read a piece at a time: a log may be larger than memory. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { StringDecoder } from 'node:string_decoder';
import { fingerprint } from '../analysis/advisor/fingerprint.ts';
import { readWorkload, type WorkloadFormat } from '../analysis/advisor/workload.ts';
import type { WorkloadEntry } from '../analysis/advisor/workload-entry.ts';
import type { Dialect } from '../analysis/sql/statement.ts';

/** Statements that are one but for their values. */
export interface Ran {
  /** As first seen, with its values where the source has them. */
  readonly sql: string;
  readonly dialect: Dialect;
  readonly path: string;
  /** From 0. */
  readonly line: number;
  readonly calls: number;
  readonly milliseconds?: number | undefined;
}

/** Different statements kept of one file; past it, the ones that come late are too rare to matter. */
const mostDifferent = 20_000;
const pieceSize = 1 << 20;

const dialects: Readonly<Record<WorkloadFormat, Dialect>> = {
  pg_stat_statements: 'postgres',
  'postgres log': 'postgres',
  'postgres csvlog': 'postgres',
  'timed log': 'unknown',
  json: 'unknown',
  sql: 'unknown',
};

/** Throws one sentence for a person where the file cannot be read or holds no statement. */
export function readWorkloadFile(path: string, shown: string): readonly Ran[] {
  let file: number;
  try {
    file = openSync(path, 'r');
  } catch {
    throw new Error(`--workload ${shown} cannot be read`);
  }
  try {
    if (!fstatSync(file).isFile()) throw new Error(`--workload ${shown} is no file`);
    const { format, entries } = readWorkload(lines(file));
    const found = group(entries, dialects[format], path);
    if (found.length === 0) {
      throw new Error(
        `--workload ${shown} holds no statement; it can be an export of pg_stat_statements (CSV with a header, or JSON), a PostgreSQL log, a log with a time beside each statement, or SQL`,
      );
    }
    return found;
  } finally {
    closeSync(file);
  }
}

/** Entries of one source, each statement once. */
export function group(entries: Iterable<WorkloadEntry>, dialect: Dialect, path: string): readonly Ran[] {
  const known = new Map<string, { sql: string; line: number; calls: number; milliseconds: number | undefined }>();
  for (const { sql, calls, milliseconds, line } of entries) {
    if (!/^[\s(]*(?:--[^\n]*\n|\/\*[\s\S]*?\*\/|\s|\()*(?:select|insert|update|delete|with|replace|values|merge)\b/i.test(sql)) continue;
    const key = fingerprint(sql, dialect);
    const ran = known.get(key);
    if (ran !== undefined) {
      ran.calls += calls;
      if (milliseconds !== undefined) ran.milliseconds = (ran.milliseconds ?? 0) + milliseconds;
    } else if (known.size < mostDifferent) known.set(key, { sql, line, calls, milliseconds });
  }
  return [...known.values()].map(({ milliseconds, ...rest }) => ({
    ...rest,
    dialect,
    path,
    ...(milliseconds !== undefined && { milliseconds }),
  }));
}

function* lines(file: number): Generator<string> {
  const decoder = new StringDecoder('utf8');
  const buffer = Buffer.allocUnsafe(pieceSize);
  let rest = '';
  for (;;) {
    const got = readSync(file, buffer, 0, pieceSize, null);
    const text = rest + (got === 0 ? decoder.end() : decoder.write(buffer.subarray(0, got)));
    let from = 0;
    for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', from)) {
      yield text.slice(from, text[at - 1] === '\r' ? at - 1 : at);
      from = at + 1;
    }
    rest = text.slice(from);
    if (got === 0) break;
  }
  if (rest !== '') yield rest;
}
