import { isTestPath, namePath, segments } from '../../calls/paths.ts';
import type { Call, Document, Loop, TypeDeclaration } from '../../document.ts';
import { rule } from '../../rule.ts';

/**
 * Python: the collection is a query for one model (SQLAlchemy or Django), the model is declared in the repository, and the
 * attribute read in the loop is a relation that neither the model nor the query loads along.
 */
export const ormLazyLoad = rule({
  id: 'code/orm-lazy-load',
  severity: 'warning',
  on: 'document',
  needs: ['documents'],
  applies: ({ document }) =>
    document.language === 'python' && (document.reads?.length ?? 0) > 0 && !isTestPath(document.path.split('/').slice(-3).join('/')),
  *check({ document }, { documents }) {
    const models = new Map<number, Queried | undefined>();
    const reported = new Set<string>();
    for (const read of document.reads ?? []) {
      const loop = document.loops[read.loop];
      if (loop === undefined || !loop.variables.includes(read.receiver) || loop.variables.length !== 1) continue;
      const key = `${read.loop}.${read.name}`;
      if (reported.has(key)) continue;
      if (!models.has(read.loop)) models.set(read.loop, queriedModel(document, loop));
      const queried = models.get(read.loop);
      if (queried === undefined || loadedAlong(queried.calls, read.name)) continue;
      if (!isLazyRelation(declarationsOf(documents, queried.model), read.name)) continue;
      reported.add(key);
      yield {
        span: { start: read.span.end - read.name.length, end: read.span.end },
        message: `${read.receiver}.${read.name} is loaded by a query of its own for each ${read.receiver} of ${shortened(loop.over ?? '')}`,
        related: [{ path: document.path, span: loop.header, message: `${queried.model} rows, without their ${read.name}` }],
      };
    }
  },
});

interface Queried {
  readonly model: string;
  readonly calls: readonly Call[];
}

/** The model whose rows a loop goes over, where one query for one model says so. */
function queriedModel(document: Document, loop: Loop): Queried | undefined {
  const span = loop.overSpan;
  const over = loop.over === undefined ? '' : namePath(loop.over);
  if (span === undefined) return undefined;
  const here = document.calls.filter((call) => call.span.start >= span.start && call.span.end <= span.end);
  if (here.length > 0) return modelOf(here);
  // The last query bound to that name before the loop, in the same function.
  let bound: Call | undefined;
  for (const call of document.calls) {
    if (
      call.result === over &&
      call.function === loop.function &&
      call.span.start < loop.span.start &&
      (bound === undefined || call.span.start >= bound.span.start)
    ) {
      if (bound === undefined || call.span.start > bound.span.start || call.span.end > bound.span.end) bound = call;
    }
  }
  if (bound === undefined) return undefined;
  const whole = bound.span;
  return modelOf(document.calls.filter((call) => call.span.start >= whole.start && call.span.end <= whole.end));
}

function modelOf(calls: readonly Call[]): Queried | undefined {
  // Columns, counts and dictionaries have no relations.
  if (
    calls.some((call) =>
      /^(values|values_list|with_entities|add_columns?|count|scalar|mappings|aggregate|in_bulk|dict|zip)$/.test(call.name),
    )
  )
    return undefined;
  for (const call of calls) {
    const [only, ...more] = call.arguments;
    if (/^(query|select)$/.test(call.name) && only !== undefined && more.length === 0 && /^[A-Z]\w*$/.test(only.text))
      return { model: only.text, calls };
    const [model, manager] = segments(namePath(call.callee));
    if (model !== undefined && /^[A-Z]\w*$/.test(model) && (manager === 'objects' || manager === 'query')) return { model, calls };
  }
  return undefined;
}

const eager =
  /^(options|select_related|prefetch_related|\w*joinedload|selectinload|subqueryload|immediateload|contains_eager|eagerload\w*|Load)$/;

/** `joinedload(Order.customer)`, `select_related("customer")`, every relation at once, or what only the running program knows. */
function loadedAlong(calls: readonly Call[], relation: string): boolean {
  const named = new RegExp(`[."'_]${relation}\\b`);
  return calls.some(
    (call) =>
      eager.test(call.name) &&
      (call.arguments.length === 0 ||
        call.arguments.some(
          ({ text, kind }) =>
            named.test(text) || (kind !== 'string' && !/[\w.]+\(|^[A-Z]\w*\.\w+$/.test(text)) || /^['"]\*['"]$/.test(text),
        )),
  );
}

/** Declared as a relation, and nowhere as one that is loaded with its owner. */
function isLazyRelation(models: readonly TypeDeclaration[], name: string): boolean {
  const relations = models.flatMap((model) =>
    model.fields.filter((field) => field.name === name && /^(\w+\.)*(relationship|ForeignKey|OneToOneField)\(/.test(field.value ?? '')),
  );
  // SQLAlchemy's ForeignKey("table.column") is a column's constraint, not a relation.
  return (
    relations.length > 0 &&
    relations.every(
      ({ value = '' }) =>
        !/\blazy\s*=\s*(?!["'](select|True)["']|True\b)/.test(value) && !/ForeignKey\(\s*["']\w+\.\w+["']\s*\)$/.test(value.trim()),
    )
  );
}

const known = new WeakMap<readonly Document[], ReadonlyMap<string, readonly TypeDeclaration[]>>();

function declarationsOf(documents: readonly Document[], name: string): readonly TypeDeclaration[] {
  let types = known.get(documents);
  if (types === undefined) {
    const made = new Map<string, TypeDeclaration[]>();
    for (const document of documents) {
      if (document.language !== 'python') continue;
      for (const type of document.types ?? []) {
        const list = made.get(type.name);
        if (list === undefined) made.set(type.name, [type]);
        else list.push(type);
      }
    }
    types = made;
    known.set(documents, types);
  }
  return types.get(name) ?? [];
}

const shortened = (text: string): string => {
  const plain = text.replace(/\s+/g, ' ');
  return plain.length > 30 ? `${plain.slice(0, 29)}…` : plain;
};
