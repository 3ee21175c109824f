/** Dumps of databases: their statements without the rows, so that one of gigabytes is read like any schema. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';

/** Beyond this even leaving the rows out takes seconds, in bytes. */
const LARGEST_DUMP = 1024 * 1024 * 1024;
const CHUNK = 1 << 20;

/**
 * The text of a SQL file with nothing on the lines that hold rows (the data of COPY … FROM stdin, INSERT INTO): what is left
 * stands on its own line and column. Undefined where more than `largest` characters are left: then it is no dump, or one of
 * too many rows. Throws as the file system does.
 */
export function readDump(path: string, largest: number): string | undefined {
  const file = openSync(path, 'r');
  try {
    if (fstatSync(file).size > LARGEST_DUMP) return undefined;
    const chunk = Buffer.allocUnsafe(CHUNK);
    const kept: string[] = [];
    let size = 0;
    let rest = '';
    let rows: Rows = 'none';
    const take = (line: string): boolean => {
      const before = rows;
      rows = after(rows, line);
      // The line that ends the data of COPY stays: it tells where they end.
      const isRow = before === 'copy' ? rows === 'copy' : before !== 'none' || insert.test(line);
      size += isRow ? 1 : line.length + 1;
      kept.push(isRow ? '' : line);
      return size <= largest;
    };
    const decoder = new TextDecoder();
    for (let got = readSync(file, chunk, 0, CHUNK, null); got > 0; got = readSync(file, chunk, 0, CHUNK, null)) {
      const lines = (rest + decoder.decode(chunk.subarray(0, got), { stream: true })).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) if (!take(line)) return undefined;
      // One line of everything is no dump of a tool.
      if (rest.length > 64 * CHUNK) return undefined;
    }
    return take(rest) ? kept.join('\n') : undefined;
  } finally {
    closeSync(file);
  }
}

/** `copy`: data of COPY; `insert`, `quoted`: in an INSERT, outside or inside one of its strings. */
type Rows = 'none' | 'copy' | 'insert' | 'quoted';

const copy = /^\s*COPY\b.*\bFROM\s+stdin\b.*;\s*$/i;
const insert = /^\s*(?:INSERT|REPLACE)\s+(?:OR\s+\w+\s+)?INTO\b/i;
function after(rows: Rows, line: string): Rows {
  if (rows === 'copy') return line.trimEnd() === '\\.' ? 'none' : 'copy';
  if (rows === 'none') {
    if (copy.test(line)) return 'copy';
    if (!insert.test(line)) return 'none';
  }
  // A doubled quote closes and opens again, so that counting them is enough.
  let open = rows === 'quoted';
  for (let at = line.indexOf("'"); at >= 0; at = line.indexOf("'", at + 1)) open = !open;
  if (open) return 'quoted';
  return line.trimEnd().endsWith(';') ? 'none' : 'insert';
}
