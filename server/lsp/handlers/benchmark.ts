/** tunelens/benchmark: times the statement at a position on the connected database, after a person agreed to its text. */

import type { CancellationToken } from 'vscode-languageserver/node';
import { positionAt } from '../../analysis/span.ts';
import { type BenchmarkParams, type BenchmarkResult, requests } from '../../protocol.ts';
import { time, timingText } from '../benchmark.ts';
import { statementLines } from '../explain-text.ts';
import { guarded } from '../guard.ts';
import { type Session, signalOf } from '../session.ts';
import { statementAt } from '../statement-at.ts';
import { withValues } from '../statement-values.ts';

export function onBenchmark(session: Session): void {
  session.connection.onRequest<BenchmarkResult, void>(
    requests.benchmark,
    guarded(session.connection, requests.benchmark, async (params: BenchmarkParams, token: CancellationToken): Promise<BenchmarkResult> => {
      const signal = signalOf(token);
      const { path, starts, query } = await statementAt(session, params, signal);
      const explained = await session.project.explain(path, query, signal);
      const connection = session.project.connections.find(({ label }) => label === explained.source);
      if (connection === undefined)
        return { step: 'refused', reason: 'Only a connected database can be timed. Connect to the one this statement is for.' };
      if (query.statement.kind !== 'select') return { step: 'refused', reason: 'Only statements that read are run to be timed.' };
      if (params.values === undefined && query.parameters.length > 0) return { step: 'values', parameters: query.parameters };
      const sql = withValues(query, params.values ?? []);
      if (sql === undefined) return { step: 'values', parameters: query.parameters };
      if (params.agreed !== sql) return { step: 'agree', sql, shown: statementLines(sql).join('\n'), connection: connection.label };
      const done = session.status.busy('Timing a statement');
      try {
        const timings = await time(connection, sql, signal);
        if ('reason' in timings) return { step: 'refused', reason: timings.reason };
        const file = path.slice(path.lastIndexOf('/') + 1);
        const line = positionAt(starts, query.span.start).line + 1;
        const text = timingText(`${query.name ?? 'Statement'} · ${file}:${line}`, sql, connection.label, timings);
        return { step: 'done', title: `${query.name ?? `${file}:${line}`} timed`, text };
      } finally {
        done();
      }
    }),
  );
}
