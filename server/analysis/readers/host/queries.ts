/** From the SQL literals of a file to its queries. A literal is parsed once, whatever is typed around it. */
import type { OffsetSegment, Query, Setting } from '../../document.ts';
import type { ReadContext } from '../../reader.ts';
import { sqlQueries } from '../../sql/queries.ts';
import type { Dialect } from '../../sql/statement.ts';
import type { Ready } from './constants.ts';
import { none, type RawFunction, type RawLiteral, shiftSpan } from './fragment.ts';

export function queriesOf(
  ready: readonly Ready[],
  functions: readonly RawFunction[],
  dialect: Dialect,
  percentParameters: boolean,
  context: ReadContext,
): { queries: Query[]; settings: Setting[] } {
  const queries: Query[] = [];
  const settings: Setting[] = [];
  for (const one of ready) {
    const { literal } = one;
    const by = literal.anchor.start;
    const parsed = context.remember(`sql ${dialect} ${percentParameters}`, layoutOf(literal), () =>
      sqlQueries({ ...relative(literal, by), dialect, from: 'literal', percentParameters, queryOffset: 0 }),
    );
    const base = queries.length;
    const { queries: placed, settings: set } = context.place(parsed, by);
    const at = (index: number) => (index === none || index < 0 ? undefined : index);
    const direction = literal.direction ?? directionOf(one.function >= 0 ? one.function : literal.function, functions);
    const place = { function: at(one.function), loop: at(one.loop), call: at(one.call) };
    for (const query of placed)
      queries.push(within(query, { ...place, name: query.name ?? literal.name, direction: query.direction ?? direction }));
    for (const setting of set)
      settings.push({ ...setting, function: place.function, query: setting.query === undefined ? undefined : setting.query + base });
  }
  return { queries, settings };
}

type Surroundings = Pick<Query, 'function' | 'loop' | 'call' | 'name' | 'direction'>;
/** The query with what last stood around it: one that only moved stays the same object. */
const lastWithin = new WeakMap<Query, Query>();
function within(query: Query, around: Surroundings): Query {
  const last = lastWithin.get(query);
  const same =
    last !== undefined &&
    last.function === around.function &&
    last.loop === around.loop &&
    last.call === around.call &&
    last.name === around.name &&
    last.direction === around.direction;
  if (same) return last;
  const result: Query = { ...query, ...around };
  lastWithin.set(query, result);
  return result;
}

/** In a migration written in code, the function tells: `downgrade()`, `exports.down`, `func downAddUsers(tx)`. */
function directionOf(index: number, functions: readonly RawFunction[]): 'up' | 'down' | undefined {
  for (let at = index; at >= 0; at = functions[at]?.parent ?? none) {
    const name = functions[at]?.name ?? '';
    if (/^(?:downgrade|[dD]own(?:[A-Z_0-9].*)?)$/.test(name)) return 'down';
    if (/^(?:upgrade|[uU]p(?:[A-Z_0-9].*)?)$/.test(name)) return 'up';
  }
  return undefined;
}

/** Everything the parsed result depends on, so that equal layouts share one. */
function layoutOf(literal: RawLiteral): string {
  const by = literal.anchor.start;
  let layout = `${literal.anchor.end - by}`;
  for (const segment of literal.segments) layout += ` ${segment.sqlStart},${segment.hostStart - by},${segment.hostEnd - by}`;
  for (const hole of literal.holes)
    layout += ` [${hole.start},${hole.end},${hole.hole.span.start - by},${hole.hole.span.end - by},${hole.hole.text}]`;
  return `${layout}\n${literal.text}`;
}

function relative(literal: RawLiteral, by: number) {
  const segments = literal.segments.map(
    (segment): OffsetSegment => ({
      sqlStart: segment.sqlStart,
      hostStart: segment.hostStart - by,
      hostEnd: segment.hostEnd - by,
    }),
  );
  // The end of the text is an offset too: where an interpolation comes last it lies behind the whole of it.
  const end = segments.at(-1)?.hostEnd ?? 0;
  segments.push({ sqlStart: literal.text.length, hostStart: end, hostEnd: end });
  return {
    text: literal.text,
    segments,
    holes: literal.holes.map((hole) => ({
      start: hole.start,
      end: hole.end,
      hole: { span: shiftSpan(hole.hole.span, -by), text: hole.hole.text },
    })),
    anchor: shiftSpan(literal.anchor, -by),
  };
}
