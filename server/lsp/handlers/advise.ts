/** tunelens/advise: indexes for all SQL of the folders, with progress that a person can cancel. */
import { type AdvisedIndex, type AdviseParams, type AdviseResult, requests } from '../../protocol.ts';
import type { Advice, AdvisedStatement } from '../../workspace/advice.ts';
import { guarded, isAbort } from '../guard.ts';
import { collectSoon } from '../memory.ts';
import type { Session } from '../session.ts';
import { documentUri } from '../to-lsp.ts';

const nothing: AdviseResult = {
  indexes: [],
  redundant: [],
  refused: [],
  workload: { statements: 0, costBefore: 0, costAfter: 0 },
  planners: [],
  notes: [],
  cancelled: true,
};

export function onAdvise(session: Session): void {
  const { connection } = session;
  connection.onRequest(
    requests.advise,
    guarded(connection, requests.advise, async ({ budget }: AdviseParams, token): Promise<AdviseResult> => {
      const controller = new AbortController();
      token.onCancellationRequested(() => controller.abort());
      const progress = session.client.progress ? await connection.window.createWorkDoneProgress() : undefined;
      progress?.begin('Index Advisor', 0, 'Reading the statements', true);
      progress?.token.onCancellationRequested(() => controller.abort());
      const done = session.status.busy('Looking for indexes');
      let last = 0;
      try {
        const advice = await session.project.advise({
          budget,
          signal: controller.signal,
          progress(what, share) {
            if (Date.now() - last < 100) return;
            last = Date.now();
            if (share === undefined) progress?.report(what);
            else progress?.report(Math.floor(share * 100), what);
          },
        });
        return resultOf(session, advice);
      } catch (error) {
        if (isAbort(error) || controller.signal.aborted) return nothing;
        throw error;
      } finally {
        progress?.done();
        done();
        collectSoon();
      }
    }),
  );
}

function resultOf(session: Session, advice: Advice): AdviseResult {
  const byId = new Map(advice.statements.map((statement) => [statement.id, statement] as const));
  const shown = ({ sql, places, costBefore, costAfter }: AdvisedStatement) => ({
    sql,
    places: places.map(({ path, line, character }) => ({ uri: documentUri(session, path), line, character })),
    costBefore,
    costAfter,
  });
  const statementsOf = (ids: readonly number[]) => ids.flatMap((id) => byId.get(id) ?? []);
  return {
    indexes: advice.indexes.map((index): AdvisedIndex => {
      const { script } = index;
      const served = new Map(index.served.map((one) => [one.id, one] as const));
      // The migration goes where the nearest statement that it serves keeps its own.
      const home = statementsOf(index.statements).flatMap(({ places }) => places)[0]?.path;
      return {
        ddl: index.ddl,
        engine: index.engine,
        table: index.table,
        columns: index.columns,
        include: index.include,
        where: index.where,
        kind: index.kind,
        sizeBytes: index.sizeBytes,
        costBefore: index.costBefore,
        costAfter: index.costAfter,
        writeCost: index.writeCost,
        statements: statementsOf(index.statements).map((statement) => ({ ...shown(statement), ...costsOf(served.get(statement.id)) })),
        migration: {
          uri: home === undefined ? (session.folders[0]?.uri ?? '') : documentUri(session, home),
          script: script.text,
          down: script.down,
          name: script.name,
          engine: script.engine,
          outsideTransaction: script.outsideTransaction,
        },
      };
    }),
    redundant: advice.redundant,
    refused: advice.refused.flatMap(({ statement, reason }) => statementsOf([statement]).map((one) => ({ reason, statement: shown(one) }))),
    workload: advice.workload,
    planners: advice.planners,
    notes: [...advice.missing, ...advice.notes],
    cancelled: false,
  };
}

function costsOf(served: { readonly costBefore: number; readonly costAfter: number } | undefined) {
  return served === undefined ? {} : { costBefore: served.costBefore, costAfter: served.costAfter };
}
