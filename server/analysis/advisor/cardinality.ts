/** Columns that can hold only a few values, so that an equality on them returns much of the table. */
import type { CandidateIndex } from '../facts.ts';
import type { Table } from '../sql/schema.ts';

/** Names that mean yes or no where the type does not say it (SQLite and MySQL keep booleans as integers). */
const flagName =
  /^(is|has|can|should|was|allow|enable)_|_(flag|enabled|active|deleted)$|^(active|enabled|disabled|deleted|archived|visible|hidden|verified|approved|published|completed|done|read|seen|processed|sent)$/;
const flagType = /^(bool|boolean|bit|tinyint|int|integer|smallint|)\b/;

/**
 * True when every key is such a column and no predicate of the index narrows it further. Engines without
 * statistics assume ten or two hundred rows a value, which is far off for a yes or no.
 */
export function isLowCardinality(candidate: CandidateIndex, table: Table | undefined): boolean {
  if (candidate.where !== undefined) return false;
  return candidate.keys.every((key) => {
    if (key.column === undefined) return false;
    const column = table?.columns.find((entry) => entry.name.toLowerCase() === key.column?.toLowerCase());
    if (column !== undefined && /^bool/.test(column.type)) return true;
    return flagName.test(key.column.toLowerCase()) && flagType.test(column?.type ?? '');
  });
}
