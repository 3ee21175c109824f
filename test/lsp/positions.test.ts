import fc from 'fast-check';
import { expect, test } from 'vitest';
import { lineStarts } from '../../server/analysis/span.ts';
import { changed, type OpenDocument } from '../../server/lsp/open-documents.ts';
import { type Encoding, negotiate, toOffset, toPosition } from '../../server/lsp/positions.ts';

const encodings: readonly Encoding[] = ['utf-8', 'utf-16', 'utf-32'];
const words = fc.array(fc.constantFrom('a', 'é', '語', '🐍', '\n', '\r\n', '\r', ' ', "'"), { maxLength: 40 });

/** Offsets between characters: not inside a surrogate pair, and not inside or after a line's end. */
function places(text: string): number[] {
  const found: number[] = [];
  for (let at = 0; at <= text.length; at += (text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1) {
    if (!(text[at] === '\n' && text[at - 1] === '\r')) found.push(at);
  }
  return found;
}
function open(text: string): OpenDocument {
  return { uri: 'file:///a.py', path: '/a.py', language: 'python', version: 1, text, starts: lineStarts(text) };
}

test('every place comes back from its position, in every encoding', () => {
  fc.assert(
    fc.property(words, (parts) => {
      const text = parts.join('');
      const lines = { text, starts: lineStarts(text) };
      for (const encoding of encodings)
        for (const at of places(text))
          expect([encoding, at, toOffset(lines, toPosition(lines, at, encoding), encoding)]).toEqual([encoding, at, at]);
    }),
  );
});

test('a change by range leaves the text that the editor has', () => {
  fc.assert(
    fc.property(words, words, fc.nat(), fc.nat(), (before, insert, first, second) => {
      const text = before.join('');
      const inside = places(text);
      const [start = 0, end = 0] = [inside[first % inside.length] ?? 0, inside[second % inside.length] ?? 0].sort(
        (left, right) => left - right,
      );
      const added = insert.join('');
      for (const encoding of encodings) {
        const document = open(text);
        const range = { start: toPosition(document, start, encoding), end: toPosition(document, end, encoding) };
        const after = changed(document, [{ range, text: added }], 2, encoding);
        expect(after.text).toBe(text.slice(0, start) + added + text.slice(end));
        expect(after.starts).toEqual(lineStarts(after.text));
      }
    }),
  );
});

test('positions outside the text are moved into it', () => {
  const lines = { text: 'ab\nc', starts: [0, 3] };
  for (const encoding of encodings) {
    expect(toOffset(lines, { line: 0, character: 99 }, encoding)).toBe(2);
    expect(toOffset(lines, { line: 9, character: 0 }, encoding)).toBe(4);
    expect(toOffset(lines, { line: -1, character: 0 }, encoding)).toBe(0);
    expect(toOffset(lines, { line: 1, character: -5 }, encoding)).toBe(3);
  }
});

test('the first encoding of the client that is known is taken', () => {
  expect(negotiate(undefined)).toBe('utf-16');
  expect(negotiate(['utf-7', 'utf-8', 'utf-16'])).toBe('utf-8');
});
