/** Plans one statement on a connected server, past every wall of the guard. */
import { EngineError, type Explained } from '../engine.ts';
import { askPlan } from './ask-plan.ts';
import { type Callable, callablesQuery, checkCalls, guard, loadGuard, type Parsed } from './guard.ts';
import { planFrom } from './plan.ts';
import { asFault, permissionError, rejectionFrom } from './rejection.ts';
import type { Query, Session } from './session.ts';

/** PostgreSQL's major version whose grammar the guard has. */
const newestGrammar = 18;
/** Milliseconds for which what a function is may be remembered. */
const remembered = 30_000;

export interface Explainer {
  explain(sql: string, signal?: AbortSignal): Promise<Explained>;
  analyze(sql: string, signal?: AbortSignal): Promise<Explained>;
}

const firstColumn =
  (query: Query) =>
  async (sql: string): Promise<unknown> =>
    Object.values((await query(sql))[0] ?? {})[0];

export async function createExplainer(session: Session, label: string, majorVersion: number): Promise<Explainer> {
  await loadGuard();
  let leftover = false;
  const known = new Map<string, { readonly at: number; readonly found: readonly Callable[] }>();

  /** What the server has under the names the statement calls; asked once in a while for each name. */
  async function lookUp(query: Query, parsed: Parsed): Promise<readonly Callable[]> {
    const now = Date.now();
    const names = [
      ...parsed.functions.map((each) => `f ${each.name}`),
      ...parsed.operators.map((each) => `o ${each.name}`),
      ...parsed.types.map((each) => `c ${each.name}`),
    ];
    const unknown = [...new Set(names)].filter((name) => now - (known.get(name)?.at ?? 0) > remembered);
    if (unknown.length > 0) {
      const of = (letter: string): string[] => unknown.filter((name) => name.startsWith(letter)).map((name) => name.slice(2));
      const rows = (await query(callablesQuery, [of('f '), of('o '), of('c ')])) as unknown as readonly Callable[];
      for (const name of unknown) known.set(name, { at: now, found: rows.filter((row) => `${row.kind[0]} ${row.name}` === name) });
    }
    return names.flatMap((name) => known.get(name)?.found ?? []);
  }

  async function withGuard(
    sql: string,
    run: boolean,
    signal: AbortSignal | undefined,
    act: (query: Query, parsed: Parsed) => Promise<Explained>,
  ): Promise<Explained> {
    const verdict = guard(sql);
    if (verdict.outcome === 'rejected' && majorVersion > newestGrammar)
      return {
        outcome: 'refused',
        reason: `The server is newer than the grammar TuneLens knows (PostgreSQL ${newestGrammar}), which does not take this statement.`,
      };
    if (verdict.outcome !== 'parsed') return verdict;
    if (verdict.locks)
      return { outcome: 'refused', reason: 'FOR UPDATE and FOR SHARE lock rows, so the statement is not sent to a connected database.' };
    if (run && verdict.writes) return { outcome: 'refused', reason: 'Only a statement that changes nothing is run to be timed.' };
    if (run && verdict.parameters > 0)
      return { outcome: 'refused', reason: 'The statement has parameters: write values in their place to run it.' };
    try {
      return await session.readOnly(async (query) => {
        const reason = checkCalls(verdict, await lookUp(query, verdict), run);
        return reason === undefined ? act(query, verdict) : { outcome: 'refused', reason };
      }, signal);
    } catch (error) {
      const fault = asFault(error);
      if (fault === undefined) throw error;
      throw permissionError(fault, label) ?? new EngineError('internal', `${label} could not plan the statement: ${fault.message}.`);
    }
  }

  return {
    explain: (sql, signal) =>
      withGuard(sql, false, signal, async (query, parsed) => {
        if (parsed.parameters === 0) return askPlan(firstColumn(query), sql, parsed);
        await query("SELECT pg_catalog.set_config('plan_cache_mode', 'force_generic_plan', true)");
        // What was prepared before a failure is still there, and could not be taken back in the transaction that had failed.
        if (leftover) await query('DEALLOCATE ALL');
        leftover = true;
        const explained = await askPlan(firstColumn(query), sql, parsed);
        leftover = explained.outcome !== 'planned';
        return explained;
      }),
    analyze: (sql, signal) =>
      withGuard(sql, true, signal, async (query) => {
        const words = 'EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ';
        try {
          return { outcome: 'planned', plan: planFrom(await firstColumn(query)(words + sql)) };
        } catch (error) {
          const fault = asFault(error);
          if (fault === undefined || /^(?:53|55|57|58|08|XX|25|42501)/.test(fault.code)) throw error;
          return { outcome: 'rejected', rejection: rejectionFrom(fault, words + sql, words.length) };
        }
      }),
  };
}
