import { message } from '../../advisor/wording.ts';
import { postgresSetting } from '../../catalogues/postgres.ts';
import { isPostgresDocument, numberSet } from '../../catalogues/postgres-config.ts';
import type { Document } from '../../document.ts';
import { rule } from '../../rule.ts';

export const parallelWorkersInconsistent = rule({
  id: 'postgres/parallel-workers-inconsistent',
  severity: 'warning',
  on: 'document',
  needs: [],
  applies: ({ document }) => isPostgresDocument(document) && document.settings.some((setting) => setting.key.startsWith('max_parallel_')),
  *check({ document }) {
    for (const [key, limit] of limits) {
      const set = numberSet(document, key);
      const bound = numberOf(document, limit);
      if (set?.setting.valueSpan === undefined || bound === undefined || set.value <= bound.value) continue;
      yield {
        span: set.setting.valueSpan,
        message: message(`${key} ${set.value} is above ${limit} ${bound.value}: no more than ${bound.value} workers ever run`),
        related:
          bound.setting === undefined
            ? []
            : [{ path: document.path, span: bound.setting.span, message: `${limit} = ${bound.setting.value}` }],
        ...(bound.setting === undefined
          ? { evidence: { grade: 'static', source: 'text', notes: [`${limit} is not set here: the server's default is ${bound.value}`] } }
          : {}),
      };
    }
  },
});

/** Each takes its workers from the next one's: postgresql.org/docs/current/runtime-config-resource.html, Worker Processes. */
const limits: readonly (readonly [string, string])[] = [
  ['max_parallel_workers', 'max_worker_processes'],
  ['max_parallel_workers_per_gather', 'max_parallel_workers'],
  ['max_parallel_maintenance_workers', 'max_parallel_workers'],
];

function numberOf(
  document: Document,
  key: string,
): { readonly value: number; readonly setting?: Document['settings'][number] } | undefined {
  const set = numberSet(document, key);
  if (set !== undefined) return set;
  // Written, but not as a number: the server refuses it, and nothing can be said.
  if (document.settings.some((setting) => setting.key === key)) return undefined;
  const value = Number(postgresSetting(key)?.boot);
  return Number.isFinite(value) ? { value } : undefined;
}
