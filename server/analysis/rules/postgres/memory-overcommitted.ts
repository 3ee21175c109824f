import { message } from '../../advisor/wording.ts';
import { type PostgresSetting, postgresSetting } from '../../catalogues/postgres.ts';
import { inItsQuotes, isPostgresDocument, numberSet } from '../../catalogues/postgres-config.ts';
import { bytesOf } from '../../catalogues/postgres-values.ts';
import { amountsIn, describeBytes } from '../../catalogues/sizes.ts';
import type { Document, Setting } from '../../document.ts';
import type { Target } from '../../facts.ts';
import type { EditFix } from '../../fix.ts';
import { rule } from '../../rule.ts';

export const memoryOvercommitted = rule({
  id: 'postgres/memory-overcommitted',
  severity: 'warning',
  on: 'document',
  needs: [],
  wants: ['target'],
  applies: ({ document }) => isPostgresDocument(document) && document.settings.some((setting) => subjects.has(setting.key)),
  *check({ document }, { target }) {
    const memory = memoryOf(document, target);
    const need = needOf(document);
    const blamed = need.workMem.setting ?? need.connections.setting ?? need.shared.setting;
    if (memory === undefined || blamed?.valueSpan === undefined || need.total <= memory.bytes * (memory.guessed ? guessMargin : 1)) return;
    const perSession = need.connections.value * need.workMem.value;
    yield {
      span: blamed.valueSpan,
      severity: memory.guessed ? 'info' : 'warning',
      message: message(
        `${need.connections.value} connections × ${describeBytes(need.workMem.value)} work_mem + shared_buffers need ${describeBytes(need.total)} of ${describeBytes(memory.bytes)}`,
      ),
      evidence: {
        grade: 'static',
        source: 'text',
        notes: [
          `shared_buffers ${describeBytes(need.shared.value)} + max_connections ${need.connections.value} × work_mem ${describeBytes(need.workMem.value)} = ${describeBytes(need.shared.value + perSession)}`,
          `autovacuum_max_workers ${need.workers.value} × ${need.maintenance.name} (at most 1 GB each) ${describeBytes(need.maintenance.value)} = ${describeBytes(need.workers.value * need.maintenance.value)}`,
          'One sort for each connection is the least: a query may run several, in parallel workers too, and a hash may take hash_mem_multiplier times as much',
          `Memory: ${memory.source}`,
        ],
      },
      related: [need.connections, need.shared]
        .flatMap(({ setting }) => (setting === undefined || setting === blamed ? [] : [setting]))
        .map((setting) => ({ path: document.path, span: setting.span, message: `${setting.key} = ${setting.value}` })),
      fixes: fixesFor(need, memory.bytes),
    };
  },
});

const subjects = new Set(['shared_buffers', 'max_connections', 'work_mem']);

/** One setting's value, in bytes for sizes; from the file, else the server's default. */
interface Part {
  readonly name: string;
  readonly value: number;
  readonly setting?: Setting | undefined;
}
interface Need {
  readonly shared: Part;
  readonly connections: Part;
  readonly workMem: Part;
  readonly maintenance: Part;
  readonly workers: Part;
  readonly total: number;
}

function needOf(document: Document): Need {
  const shared = part(document, 'shared_buffers');
  const connections = part(document, 'max_connections');
  const workMem = part(document, 'work_mem');
  const workers = part(document, 'autovacuum_max_workers');
  const own = part(document, 'autovacuum_work_mem');
  // -1: autovacuum takes what maintenance_work_mem says. Before PostgreSQL 17 it never took more than 1 GB.
  const wanted = own.value > 0 ? own : part(document, 'maintenance_work_mem');
  const maintenance = { ...wanted, value: Math.min(wanted.value, 1024 ** 3) };
  const total = shared.value + connections.value * workMem.value + workers.value * maintenance.value;
  return { shared, connections, workMem, maintenance, workers, total };
}

function part(document: Document, name: string): Part {
  const set = numberSet(document, name);
  if (set !== undefined) return { name, value: inBytes(set.known, set.value), setting: set.setting };
  const known = postgresSetting(name);
  return { name, value: known === undefined ? 0 : inBytes(known, Number(known.boot)) };
}

function inBytes(known: PostgresSetting, value: number): number {
  return bytesOf(known, value) ?? value;
}

interface Memory {
  readonly bytes: number;
  readonly source: string;
  /** Neither declared nor said, only implied by another setting. */
  readonly guessed?: boolean;
}

/** What an implied memory must be exceeded by before it is worth a word. */
const guessMargin = 1.5;

/** The machine's memory: declared, or told by the file itself; undefined where neither says. */
function memoryOf(document: Document, target: Target | undefined): Memory | undefined {
  if (target?.memoryBytes !== undefined) return { bytes: target.memoryBytes, source: 'the declared target' };
  for (const { comment } of document.settings) {
    const named =
      comment === undefined
        ? null
        : /(\d+(?:\.\d+)?\s*[GT]i?B)\s*(?:of\s+)?(?:RAM|memory)\b|\b(?:RAM|memory)\s*[:=]\s*(\d+(?:\.\d+)?\s*[GT]i?B)/i.exec(comment.text);
    const [amount] = named === null ? [] : amountsIn(named[1] ?? named[2] ?? '');
    if (amount !== undefined) return { bytes: amount.bytes, source: `a comment names ${amount.text}` };
  }
  for (const key of ['shared_buffers', 'effective_cache_size']) {
    const set = numberSet(document, key);
    const share = /(\d+(?:\.\d+)?)\s*%\s*(?:of\s+)?(?:the\s+)?(?:total\s+|system\s+|available\s+)?(?:RAM|memory)/i.exec(
      set?.setting.comment?.text ?? '',
    );
    const bytes = set === undefined || share === null ? undefined : (inBytes(set.known, set.value) * 100) / Number(share[1]);
    if (bytes !== undefined && Number.isFinite(bytes) && bytes > 0)
      return { bytes, source: `${key} ${set?.setting.value} is said to be ${share?.[1]} % of it` };
  }
  const cache = numberSet(document, 'effective_cache_size');
  if (cache === undefined) return undefined;
  // The documentation gives no share; those who do say a half to three quarters. The half is the larger machine.
  return {
    bytes: 2 * inBytes(cache.known, cache.value),
    guessed: true,
    source: `twice effective_cache_size ${cache.setting.value}, which is at least half of it by common advice`,
  };
}

/** A quarter of what shared memory and autovacuum leave is kept for the system. */
const usable = 0.75;

function fixesFor(need: Need, memory: number): EditFix[] {
  const { setting } = need.workMem;
  if (setting?.valueSpan === undefined) return [];
  const left = (memory - need.shared.value - need.workers.value * need.maintenance.value) * usable;
  const megabytes = Math.floor(left / need.connections.value / 1024 ** 2);
  if (megabytes < 1) return [];
  const text = `${megabytes}MB`;
  return [
    {
      kind: 'edit',
      title: `Set work_mem to ${text}, which fits; raise it with SET for single queries`,
      safe: false,
      edits: [{ span: setting.valueSpan, text: inItsQuotes(setting, text) }],
    },
  ];
}
