/** Signs of SQL: their classes, the operators of more than one, and where numbers and comments end. */

export const LETTER = 1;
export const DIGIT = 2;
export const SPACE = 4;
export const OPERATOR = 8;
const classes = new Uint8Array(128);
for (let unit = 0; unit < 128; unit++) {
  const character = String.fromCharCode(unit);
  if (/[a-z_]/i.test(character)) classes[unit] = LETTER;
  else if (/[0-9]/.test(character)) classes[unit] = DIGIT;
  else if (/\s/.test(character)) classes[unit] = SPACE;
  else if ('+-*/<>=~!@#%^&|?:'.includes(character)) classes[unit] = OPERATOR;
}
/** Past the end of the text a unit is NaN and of no class. */
export const classOf = (unit: number): number =>
  unit < 128 ? (classes[unit] ?? 0) : unit === 0xa0 || unit === 0xfeff ? SPACE : unit >= 128 ? LETTER : 0;
export const isWordPart = (unit: number): boolean => (classOf(unit) & (LETTER | DIGIT)) !== 0 || unit === 36;

/** Longest first within each length; every operator of more than one sign that PostgreSQL, SQLite and MySQL have built in. */
const longOperators = ['!~~*', ...'->> #>> <-> <=> !~* !~~ ~~* @@@ <<= >>= <#> -|- &<| |>> <<| |&> ||/ <<% %>> ?-| ?||'.split(' ')];
const pairs = '-> #> <= >= <> != == || :: @> <@ ~* !~ ~~ && << >> @@ @? #- ?| ?& := => <% %> &< &> ^@ |/ ## ~= <^ >^ ?# ?- !!'.split(' ');
export const operatorsByFirst = new Map<number, readonly string[]>();
for (const operator of [...longOperators, ...pairs]) {
  const first = operator.charCodeAt(0);
  operatorsByFirst.set(first, [...(operatorsByFirst.get(first) ?? []), operator]);
}

/**
 * The length of an operator anyone may have defined on PostgreSQL: as many signs as follow, but + and -
 * end it only where another sign of a second kind stands in it. `?`, `@` and `%` are left to drivers.
 */
export function customOperator(text: string, from: number): number {
  let end = from;
  while ('+-*/<>=~!#^&|'.includes(text[end] ?? ' ')) {
    const pair = text.slice(end, end + 2);
    if (pair === '--' || pair === '/*') break;
    end++;
  }
  if (!/[~!#^&|]/.test(text.slice(from, end))) while (end > from + 1 && /[+-]/.test(text[end - 1] ?? '')) end--;
  return end - from;
}

/** The end of the number that begins at `from`. */
export function numberEnd(text: string, from: number): number {
  let at = from;
  const digits = (): void => {
    while ((classOf(text.charCodeAt(at)) & DIGIT) !== 0 || (text.charCodeAt(at) === 95 && classOf(text.charCodeAt(at + 1)) === DIGIT)) at++;
  };
  const second = text.charCodeAt(at + 1) | 32;
  if (text.charCodeAt(at) === 48 && (second === 120 || second === 98 || second === 111) && /[0-9a-f]/i.test(text[at + 2] ?? '')) {
    at += 2;
    while (/[0-9a-f_]/i.test(text[at] ?? '')) at++;
    return at;
  }
  digits();
  if (text.charCodeAt(at) === 46 && text.charCodeAt(at + 1) !== 46) {
    at++;
    digits();
  }
  if ((text.charCodeAt(at) | 32) === 101) {
    const sign = text.charCodeAt(at + 1);
    if (classOf(sign) === DIGIT || ((sign === 43 || sign === 45) && classOf(text.charCodeAt(at + 2)) === DIGIT)) {
      at += 2;
      digits();
    }
  }
  return at;
}

/** The end of the line, without its break. */
export function lineEnd(text: string, from: number): number {
  for (let at = from; at < text.length; at++) {
    const unit = text.charCodeAt(at);
    if (unit === 10 || unit === 13) return at;
  }
  return text.length;
}

/** Behind the closing sign of the comment that opens at `from`. */
export function blockEnd(text: string, from: number, nested: boolean): number {
  if (!nested) {
    const close = text.indexOf('*/', from + 2);
    return close < 0 ? text.length : close + 2;
  }
  let depth = 0;
  for (let at = from; at < text.length - 1; at++) {
    const unit = text.charCodeAt(at);
    const following = text.charCodeAt(at + 1);
    if (unit === 47 && following === 42) {
      depth++;
      at++;
    } else if (unit === 42 && following === 47) {
      at++;
      if (--depth === 0) return at + 1;
    }
  }
  return text.length;
}
