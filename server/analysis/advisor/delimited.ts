/** Records of fields with a separator between them, as in CSV. */

/** Records with quotes, whose fields may hold line ends; yields each with the line it began on. */
export function* records(lines: Iterable<string>, separator: string): Generator<{ readonly fields: string[]; readonly line: number }> {
  let pending = '';
  let began = 0;
  let number = -1;
  for (const line of lines) {
    number++;
    if (pending === '') began = number;
    pending = pending === '' ? line : `${pending}\n${line}`;
    if ((pending.match(/"/g)?.length ?? 0) % 2 === 1 && pending.length < longestRecord) continue;
    if (pending.trim() !== '') yield { fields: splitRecord(pending, separator), line: began };
    pending = '';
  }
  if (pending.trim() !== '') yield { fields: splitRecord(pending, separator), line: began };
}
/** A quote that never closes must not swallow the rest of a log. */
const longestRecord = 4_000_000;

/** The fields of one record. */
export function splitRecord(text: string, separator: string): string[] {
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] === '"') {
      let end = at + 1;
      while (end < text.length && !(text[end] === '"' && text[end + 1] !== '"')) end += text[end] === '"' ? 2 : 1;
      fields.push(text.slice(at + 1, end).replaceAll('""', '"'));
      at = end + 1;
    } else {
      const end = text.indexOf(separator, at);
      fields.push(text.slice(at, end < 0 ? text.length : end).trim());
      at = end < 0 ? text.length : end;
    }
    if (text[at] !== separator) return fields;
    at++;
  }
}
