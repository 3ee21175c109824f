import { lastName, namePath } from '../../calls/paths.ts';
import type { Call, Document } from '../../document.ts';
import type { CallFacts, Reach } from '../../facts.ts';
import { rule } from '../../rule.ts';
import { type Position, positionAt } from '../../span.ts';

/**
 * Only the plainest form is reported, so that it is right: bindings on consecutive lines at the same depth
 * (`const a = await …`, `const b = await …`), each awaiting one read, none using a result of those before.
 */
export const sequentialAwait = rule({
  id: 'code/sequential-await',
  severity: 'info',
  on: 'document',
  needs: ['calls'],
  applies: ({ document }) => document.calls.some((call) => call.awaited && call.result !== undefined),
  *check({ document }, { calls }) {
    for (const run of runsOf(document)) {
      const [first, ...later] = independentReads(document, run, calls);
      const second = later[0];
      if (first === undefined || second === undefined) continue;
      const names = [first, ...later].map(({ call }) => `${shortened(lastName(namePath(call.callee)))}()`);
      const more = names.length > 2 ? `, nor do ${names.length - 2} more after it` : '';
      yield {
        span: second.call.nameSpan,
        message: `${names[1]} waits for ${names[0]} but does not need its result${more}`,
        related: [
          { path: document.path, span: first.call.nameSpan, message: 'awaited before' },
          ...later.slice(1).map(({ call }) => ({ path: document.path, span: call.nameSpan, message: 'could start with them' })),
        ],
      };
    }
  },
});

interface Awaited {
  readonly call: Call;
  readonly index: number;
  readonly start: Position;
  readonly endLine: number;
}

/** Runs of two or more awaited bindings, one straight below the other and equally far in. */
function runsOf(document: Document): Awaited[][] {
  const runs: Awaited[][] = [];
  const bound: Awaited[] = [];
  for (const [index, call] of document.calls.entries()) {
    if (!call.awaited || call.result === undefined || !/^[\w$]+$/.test(call.result) || call.scoped) continue;
    const start = positionAt(document.lineStarts, call.span.start);
    bound.push({ call, index, start, endLine: positionAt(document.lineStarts, call.span.end).line });
  }
  bound.sort((left, right) => left.call.span.start - right.call.span.start);
  let run: Awaited[] = [];
  for (const each of bound) {
    const before = run.at(-1);
    if (before !== undefined && follows(before, each)) run.push(each);
    else {
      if (run.length > 1) runs.push(run);
      run = [each];
    }
  }
  if (run.length > 1) runs.push(run);
  return runs;
}

/** Without the length of the name, `const user = await ` is as long on both lines: the same form at the same depth. */
function follows(before: Awaited, after: Awaited): boolean {
  return (
    after.start.line === before.endLine + 1 &&
    after.call.result !== before.call.result &&
    after.call.function === before.call.function &&
    after.call.loop === before.call.loop &&
    after.start.character - (after.call.result ?? '').length === before.start.character - (before.call.result ?? '').length
  );
}

/** The longest beginning of a run that could be started together. */
function independentReads(document: Document, run: readonly Awaited[], calls: CallFacts): Awaited[] {
  if (inTransaction(document, run[0]?.call)) return [];
  const together: Awaited[] = [];
  for (const each of run) {
    const reach = calls.reach(document, each.index);
    const fits = reach !== undefined && isFreeRead(reach) && !together.some((before) => uses(each.call, before.call.result ?? ''));
    if (fits) together.push(each);
    else if (together.length > 1) break;
    else together.length = 0;
  }
  return together;
}

function isFreeRead(reach: Reach): boolean {
  return reach.writes !== true && reach.exclusive !== true && reach.inProcess !== true && /^(query|cache|network)$/.test(reach.kind);
}

function uses(call: Call, name: string): boolean {
  const word = new RegExp(`(^|[^\\w$])${name.replace(/\$/g, '\\$')}(?![\\w$])`);
  return (
    word.test(call.receiver ?? '') ||
    call.callee === name ||
    call.arguments.some((argument) => argument.text.length >= 200 || word.test(argument.text))
  );
}

/** Between the beginning of a transaction and its end there is one connection. */
function inTransaction(document: Document, call: Call | undefined): boolean {
  for (let at = call?.function; at !== undefined; at = document.functions[at]?.parent) {
    if (
      document.functions[at]?.parameters.some(
        (parameter) => /^(tx|trx|txn|transaction)$/i.test(parameter.name) || /Transaction/.test(parameter.type ?? ''),
      )
    )
      return true;
  }
  return document.calls.some(
    (each) => each.function === call?.function && /^(begin\w*|\$?transaction|start_?transaction)$/i.test(each.name),
  );
}

const shortened = (text: string): string => (text.length > 32 ? `${text.slice(0, 31)}…` : text);
