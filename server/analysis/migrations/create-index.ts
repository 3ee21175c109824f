/** Reads back a CREATE INDEX that `ddl.ts` wrote, for tools that have a call of their own for it. */

export interface WrittenIndex {
  readonly name: string;
  readonly table: string;
  readonly unique: boolean;
  readonly concurrently: boolean;
  readonly method?: string | undefined;
  readonly terms: readonly { readonly text: string; readonly column?: string | undefined; readonly descending: boolean }[];
  readonly include: readonly string[];
  readonly where?: string | undefined;
}

const identifier = '("(?:[^"]|"")+"|[A-Za-z_][\\w$]*)';
const head = new RegExp(
  `^\\s*CREATE\\s+(UNIQUE\\s+)?INDEX\\s+(CONCURRENTLY\\s+)?(?:IF\\s+NOT\\s+EXISTS\\s+)?${identifier}\\s+ON\\s+${identifier}\\s*(?:USING\\s+(\\w+)\\s*)?`,
  'i',
);
const unquote = (name: string): string => (name.startsWith('"') ? name.slice(1, -1).replaceAll('""', '"') : name);

/** Undefined for anything else, or for a clause it does not know: the caller then writes the SQL as it is. */
export function readCreateIndex(sql: string): WrittenIndex | undefined {
  const match = head.exec(sql);
  const [whole, unique, concurrently, name, table, method] = match ?? [];
  if (whole === undefined || name === undefined || table === undefined) return undefined;
  let rest = sql.slice(whole.length);
  const terms = bracketed(rest);
  if (terms === undefined) return undefined;
  rest = rest.slice(terms.length + 2).trim();
  let include: readonly string[] = [];
  if (/^INCLUDE\b/i.test(rest)) {
    const list = bracketed(rest.slice(7).trim());
    if (list === undefined) return undefined;
    include = splitTop(list).map((item) => unquote(item));
    rest = rest
      .slice(7)
      .trim()
      .slice(list.length + 2)
      .trim();
  }
  const where = /^WHERE\s+([\s\S]+?);?$/i.exec(rest)?.[1]?.trim();
  if (where === undefined && !/^;?$/.test(rest)) return undefined;
  return {
    name: unquote(name),
    table: unquote(table),
    unique: unique !== undefined,
    concurrently: concurrently !== undefined,
    method,
    terms: splitTop(terms).map(readTerm),
    include,
    where,
  };
}

function readTerm(text: string): WrittenIndex['terms'][number] {
  const match = new RegExp(`^${identifier}(\\s+DESC|\\s+ASC)?$`, 'i').exec(text);
  if (match?.[1] === undefined) return { text, descending: /\sDESC$/i.test(text) };
  return { text, column: unquote(match[1]), descending: /DESC/i.test(match[2] ?? '') };
}

/** What stands between the bracket that the text begins with and its partner; quotes are skipped. */
function bracketed(text: string): string | undefined {
  if (!text.startsWith('(')) return undefined;
  let depth = 0;
  for (let at = 0; at < text.length; at++) {
    const sign = text[at];
    if (sign === "'" || sign === '"') at = text.indexOf(sign, at + 1);
    if (at < 0) return undefined;
    if (sign === '(') depth++;
    if (sign === ')' && --depth === 0) return text.slice(1, at);
  }
  return undefined;
}

function splitTop(list: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let at = 0; at < list.length; at++) {
    const sign = list[at];
    if (sign === "'" || sign === '"') at = Math.max(at, list.indexOf(sign, at + 1));
    else if (sign === '(') depth++;
    else if (sign === ')') depth--;
    else if (sign === ',' && depth === 0) {
      parts.push(list.slice(start, at).trim());
      start = at + 1;
    }
  }
  parts.push(list.slice(start).trim());
  return parts;
}
