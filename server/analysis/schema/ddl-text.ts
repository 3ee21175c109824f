/** DDL as text, and where each piece of it stands in the file that declares it. */
import type { OffsetSegment } from '../document.ts';
import type { Span } from '../span.ts';

/** One statement for the engine, its spans in the declaring file. */
export interface DdlText {
  readonly path: string;
  readonly sql: string;
  readonly segments: readonly OffsetSegment[];
  readonly span: Span;
}

export interface DdlBuilder {
  /** Appends SQL that says what the span says; without one it belongs to the statement. */
  add(sql: string, span?: Span): void;
  finish(): DdlText;
}

export function ddlBuilder(path: string, span: Span): DdlBuilder {
  let sql = '';
  const segments: OffsetSegment[] = [];
  return {
    add(text, of = span) {
      if (text === '') return;
      segments.push({ sqlStart: sql.length, hostStart: of.start, hostEnd: of.end });
      sql += text;
    },
    finish: () => ({ path, sql, segments, span }),
  };
}
