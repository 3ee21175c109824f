import { rangesOn } from '../../advisor/ranges-on.ts';
import { createdBy, makesIndex } from '../../advisor/redundant-at.ts';
import { message } from '../../advisor/wording.ts';
import { rule } from '../../rule.ts';
import { findTable } from '../../sql/schema.ts';
import type { CreateIndex, EngineId } from '../../sql/statement.ts';

export const indexOnRangeRange = rule({
  id: 'sql/index-on-range-range',
  severity: 'info',
  on: 'query',
  engines: ['sqlite', 'postgres'],
  needs: ['schema'],
  wants: ['documents'],
  applies: ({ document, query }) => {
    const { statement } = query;
    return statement.kind === 'create index' && !statement.unique && statement.terms.length > 1 && makesIndex(document, query);
  },
  *check({ document, query }, { schema, documents }) {
    const created = createdBy(document, query, schema);
    if (created === undefined || created.index.method !== 'btree') return;
    const { index, statement } = created;
    const [first, second] = index.keys;
    const table = findTable(schema.schema, index.table);
    if (first?.column === undefined || second?.column === undefined || table === undefined) return;
    const asked = rangesOn(table, [first.column, second.column], documents ?? [], schema.schema);
    const coordinates = isLatitude.test(first.column)
      ? isLongitude.test(second.column)
      : isLongitude.test(first.column) && isLatitude.test(second.column);
    if (asked.pointed || (!coordinates && asked.both.length === 0)) return;
    const place = asked.both[0];
    yield {
      span: termsSpan(statement),
      message: message(`${first.column} is searched by ranges, so ${second.column} narrows nothing: its range is checked entry by entry`),
      evidence: {
        grade: 'static',
        source: schema.source,
        notes: [
          asked.both.length > 0
            ? `${asked.both.length === 1 ? 'One statement asks' : `${asked.both.length} statements ask`} for ranges of both, none for one ${first.column}`
            : 'Places are looked for by ranges of both coordinates, never by one exact value',
          remedy(schema.schema.engine, coordinates),
        ],
      },
      related: place === undefined ? [] : [{ ...place, message: 'Ranges of both are asked for here' }],
      fixes: [],
    };
  },
});

const isLatitude = /(^|_)lat(itude)?(_|$)/i;
const isLongitude = /(^|_)(lon|lng|long|longitude)(_|$)/i;

function termsSpan({ terms }: CreateIndex): { start: number; end: number } {
  return { start: terms[0]?.span.start ?? 0, end: terms[1]?.span.end ?? 0 };
}

function remedy(engine: EngineId, coordinates: boolean): string {
  if (engine === 'sqlite') return 'An R*Tree (CREATE VIRTUAL TABLE … USING rtree) finds ranges of several columns at once';
  return coordinates
    ? 'A GiST index on point(longitude, latitude), searched with <@ box, finds both at once'
    : 'A GiST index on a range or a point made of both finds them at once; two indexes can be combined too';
}
