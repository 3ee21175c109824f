/** One statement, planned on an open SQLite database, the connected one or the twin's. */
import { EngineError, type EngineRejection, type Explained } from '../engine.ts';
import type { SqliteDatabase } from './binding.ts';
import { type Names, planFrom, readNames } from './explain.ts';
import { asFault, databaseError, rejectionFrom, type SqliteFault, withQuotedLiteral } from './rejection.ts';

/** Statements with more quoted words than this that are meant as strings are no longer corrected. */
const mostQuotedLiterals = 20;

function faultOf(action: () => void): SqliteFault | undefined {
  try {
    action();
    return undefined;
  } catch (error) {
    const fault = asFault(error);
    if (fault === undefined) throw error;
    return fault;
  }
}

/**
 * Takes "word" for a string where SQLite suggests so, as most builds do; then hands the text to `act`. Answers the rejection, if any.
 * `parse` only prepares a text: it is handed parts of the statement to find where the error stands.
 */
export function attempt(sql: string, act: (sql: string) => void, parse: (sql: string) => void, label: string): EngineRejection | undefined {
  let text = sql;
  for (let round = 0; ; round++) {
    const current = text;
    const fault = faultOf(() => act(current));
    if (fault === undefined) return undefined;
    const error = databaseError(fault, label);
    if (error !== undefined) throw error;
    const corrected = round < mostQuotedLiterals ? withQuotedLiteral(fault, text) : undefined;
    if (corrected === undefined) return rejectionFrom(fault, sql, (prefix) => faultOf(() => parse(prefix)));
    text = corrected;
  }
}

/** The caller has asked the guard. */
export function explainWith(database: SqliteDatabase, sql: string, names?: Names): Explained {
  let rows: readonly Record<string, unknown>[] = [];
  try {
    const plan = (text: string): void => {
      rows = database.explain(`QUERY PLAN ${text}`);
    };
    const rejection = attempt(sql, plan, plan, 'The database');
    if (rejection !== undefined) return { outcome: 'rejected', rejection };
  } catch (error) {
    // The driver's own words: more than one statement, or none at all.
    if (!(error instanceof EngineError) && (error instanceof RangeError || error instanceof TypeError))
      return { outcome: 'refused', reason: error.message };
    throw error;
  }
  return { outcome: 'planned', plan: planFrom(rows, sql, names ?? readNames(database)) };
}
