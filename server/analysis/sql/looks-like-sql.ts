/** Whether a string in a program is SQL: a verb and the structure that belongs to it, since prose begins with the same verbs. */
import type { Sentence } from './sentence.ts';
import { ended, firstWord, isNameLike, kind, pastName, word } from './sentence.ts';
import type { Token } from './tokens.ts';
import { tokenize } from './tokens.ts';

/** A statement shows its structure within this many characters. */
const lookedAt = 6_000;
const verbs = new Set(
  `SELECT INSERT UPDATE DELETE REPLACE WITH CREATE ALTER DROP PRAGMA EXPLAIN VALUES VACUUM ANALYZE REINDEX TRUNCATE MERGE REFRESH COPY SET BEGIN
  COMMIT ROLLBACK CALL DO ATTACH DETACH GRANT REVOKE COMMENT CLUSTER SAVEPOINT RELEASE LOCK`.split(/\s+/),
);
/** Words of sentences that nobody names a column or table by. */
const prose = new Set('THE YOUR THIS THAT THESE AN PLEASE MY OUR WHICH BELOW ABOVE YOU WE IT ITS HERE FOLLOWING MORE'.split(' '));
const objects = new Set(
  `TABLE INDEX VIEW TRIGGER FUNCTION PROCEDURE EXTENSION TYPE SCHEMA SEQUENCE POLICY ROLE USER DATABASE DOMAIN AGGREGATE PUBLICATION
  SUBSCRIPTION STATISTICS RULE EVENT`.split(/\s+/),
);

/** Strict: `Select a file from the list`, `Update available` and `delete from cart button` are no SQL. */
export function looksLikeSql(text: string): boolean {
  const verb = firstWord(text);
  const upper = verb.toUpperCase();
  if (!verbs.has(upper)) return false;
  // `(SELECT count(*) FROM x) AS n` is a column that a query builder is handed.
  if (/^\s*\(/.test(text) && /\)\s*as\s+["'`\w]+\s*$/i.test(text.slice(-200))) return false;
  const tokens = tokenize(text.length > lookedAt ? text.slice(0, lookedAt) : text, [], 'unknown');
  const at = tokens.findIndex((token) => token.word !== '(');
  const sentence: Sentence = { text, tokens, at, loud: verb === upper, title: verb !== upper && verb !== verb.toLowerCase() };
  return isStatement(sentence, upper);
}

function isStatement(sentence: Sentence, verb: string): boolean {
  switch (verb) {
    case 'SELECT':
      return isSelect(sentence);
    case 'INSERT':
    case 'REPLACE':
      return isInsert(sentence);
    case 'UPDATE':
      return isUpdate(sentence);
    case 'DELETE':
      return isDelete(sentence);
    case 'WITH':
      return isWith(sentence);
    case 'CREATE':
      return isCreate(sentence);
    case 'ALTER':
    case 'DROP':
      return isChange(sentence, verb);
    case 'PRAGMA': {
      const next = pastName(sentence, 1);
      if (word(sentence, next) === '=' || word(sentence, next) === '(') return true;
      return sentence.loud && isNameLike(sentence, 1) && ended(sentence, next);
    }
    case 'EXPLAIN': {
      const inner = sentence.tokens.findIndex(
        (token, index) => index > sentence.at && ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'WITH'].includes(token.word),
      );
      return inner > 0 && inner < sentence.at + 16 && isStatement({ ...sentence, at: inner }, sentence.tokens[inner]?.word ?? '');
    }
    case 'VALUES':
      return word(sentence, 1) === '(' && sentence.loud;
    case 'MERGE':
      return (
        word(sentence, 1) === 'INTO' &&
        sentence.tokens.some((token) => token.word === 'USING') &&
        sentence.tokens.some((token) => token.word === 'MATCHED')
      );
    case 'REFRESH':
      return word(sentence, 1) === 'MATERIALIZED' && word(sentence, 2) === 'VIEW';
    case 'COPY':
      return (
        sentence.loud &&
        sentence.tokens
          .slice(0, 60)
          .some((token) => token.word === 'STDIN' || token.word === 'STDOUT' || token.word === 'FROM' || token.word === 'TO') &&
        (word(sentence, 1) === '(' || isNameLike(sentence, 1))
      );
    case 'SET':
      return sentence.loud && isSet(sentence);
    case 'DO':
      return kind(sentence, 1) === 'string' && sentence.text.includes('$');
    case 'CALL':
      return sentence.loud && word(sentence, pastName(sentence, 1)) === '(';
    case 'ATTACH':
      return sentence.loud && (word(sentence, 1) === 'DATABASE' || word(sentence, 2) === 'AS');
    case 'BEGIN':
    case 'COMMIT':
    case 'ROLLBACK':
      return (
        sentence.loud &&
        (word(sentence, 1) === ';' ||
          ['TRANSACTION', 'IMMEDIATE', 'EXCLUSIVE', 'DEFERRED', 'WORK', 'READ', 'ISOLATION', 'TO'].includes(word(sentence, 1)))
      );
    case 'GRANT':
    case 'REVOKE':
      return sentence.loud && sentence.tokens.some((token) => token.word === (verb === 'GRANT' ? 'TO' : 'FROM'));
    case 'COMMENT':
      return word(sentence, 1) === 'ON' && objects.has(word(sentence, 2)) && sentence.tokens.some((token) => token.word === 'IS');
    case 'TRUNCATE':
      return sentence.loud && (word(sentence, 1) === 'TABLE' || ended(sentence, pastName(sentence, 1)));
    case 'LOCK':
      return sentence.loud && word(sentence, 1) === 'TABLE';
    default:
      // VACUUM, ANALYZE, REINDEX, CLUSTER, SAVEPOINT x, RELEASE x, DETACH x
      return (
        sentence.loud &&
        (ended(sentence, 1)
          ? verb === 'VACUUM' || verb === 'ANALYZE' || verb === 'REINDEX'
          : ended(sentence, 2) || word(sentence, 1) === '(' || ended(sentence, 3))
      );
  }
}

const clauses = new Set('WHERE JOIN INNER LEFT GROUP ORDER LIMIT UNION HAVING'.split(' '));

function isSelect(sentence: Sentence): boolean {
  const { tokens, at } = sentence;
  let depth = 0;
  let from = -1;
  let signs = 0;
  let implicit = 0;
  for (let index = at + 1; index < tokens.length && from < 0; index++) {
    const token = tokens[index] as Token;
    if (token.word === '(') depth++;
    else if (token.word === ')') depth--;
    if (depth < 0 || token.word === ';') break;
    if (depth === 0 && token.word === 'FROM') from = index;
    else if (token.kind === 'word' && prose.has(token.word) && tokens[index + 1]?.word !== '.' && tokens[index - 1]?.word !== '.')
      return false;
    else if (
      token.kind === 'operator' ||
      token.kind === 'parameter' ||
      token.kind === 'hole' ||
      token.kind === 'number' ||
      token.kind === 'name'
    )
      signs++;
    const before = tokens[index - 1];
    if (token.kind === 'word' && before?.kind === 'word' && index > at + 1 && token.word !== 'AS' && before.word !== 'AS' && from < 0)
      implicit++;
  }
  if (from < 0) return isTableless(sentence, signs);
  const next = tokens[from + 1];
  if (next === undefined || (next.kind === 'word' && prose.has(next.word))) return false;
  if (next.kind === 'operator' && next.word !== '(') return false;
  if (tokens[from - 1] === tokens[at]) return sentence.loud;
  const capitals = sentence.loud && sentence.text.slice(tokens[from]?.start, tokens[from]?.end) === 'FROM';
  if (capitals) return next.kind !== 'end' || signs > 0;
  if (tokens[at + 1]?.word === '*') return true;
  // `a file`: two words side by side are an alias without AS, or a sentence.
  if (implicit > 0 && signs === 0) return false;
  const after = tokens.slice(from + 1);
  const structured =
    after.some((token) => clauses.has(token.word)) &&
    after.some((token) => token.kind === 'operator' || token.kind === 'parameter' || token.kind === 'number' || token.word === 'BY');
  if (structured) return !sentence.title || signs > 0 || after.some((token) => token.word === '=');
  const plain = ended({ ...sentence, at: from }, 2) || after.some((token) => token.word === '.');
  return !sentence.title && plain && (signs > 0 || implicit === 0);
}

/** `SELECT 1`, `SELECT now()`, `SELECT setval('x', 1)`: no columns, only values. */
function isTableless(sentence: Sentence, signs: number): boolean {
  if (sentence.title) return false;
  const first = kind(sentence, 1);
  if (first === 'number' || first === 'string' || first === 'parameter') return sentence.loud ? true : ended(sentence, 2);
  if (word(sentence, 1) === 'EXISTS' && word(sentence, 2) === '(') return true;
  const next = pastName(sentence, 1);
  if (first !== 'word' && first !== 'name') return sentence.loud && signs > 0 && word(sentence, 1) === '(';
  return word(sentence, next) === '(' && sentence.tokens[sentence.at + next]?.start === sentence.tokens[sentence.at + next - 1]?.end;
}

function isInsert(sentence: Sentence): boolean {
  let ahead = 1;
  if (word(sentence, ahead) === 'OR') ahead += 2;
  if (word(sentence, ahead) !== 'INTO') return false;
  const next = pastName(sentence, ahead + 1);
  if (!isNameLike(sentence, ahead + 1)) return false;
  const rest = sentence.tokens.slice(sentence.at + next, sentence.at + next + 400);
  const body = rest.findIndex(
    (token) => token.word === 'VALUES' || token.word === 'SELECT' || token.word === 'DEFAULT' || token.word === 'WITH',
  );
  if (word(sentence, next) === '(' || kind(sentence, next) === 'hole') return body > 0 || sentence.loud;
  if (body < 0 || body > 2) return false;
  return rest[body]?.word !== 'VALUES' || rest[body + 1]?.word === '(' || sentence.loud;
}

function isUpdate(sentence: Sentence): boolean {
  let ahead = 1;
  if (word(sentence, ahead) === 'OR') ahead += 2;
  if (word(sentence, ahead) === 'ONLY') ahead++;
  if (!isNameLike(sentence, ahead)) return false;
  let next = pastName(sentence, ahead);
  if (word(sentence, next) === 'AS') next += 2;
  else if (word(sentence, next) !== 'SET' && kind(sentence, next) === 'word') next++;
  if (word(sentence, next) !== 'SET') return false;
  const value = word(sentence, next + 1) === '(' ? '=' : word(sentence, pastName(sentence, next + 1));
  return value === '=' || kind(sentence, next + 1) === 'hole' || (sentence.loud && ended(sentence, next + 1));
}

function isDelete(sentence: Sentence): boolean {
  if (word(sentence, 1) !== 'FROM' || !isNameLike(sentence, 2) || prose.has(word(sentence, 2))) return false;
  const next = pastName(sentence, 2);
  const rest = sentence.tokens.slice(sentence.at + next, sentence.at + next + 4);
  if (rest.some((token) => token.word === 'WHERE' || token.word === 'USING' || token.word === 'RETURNING')) return true;
  return sentence.loud && (ended(sentence, next) || kind(sentence, next) === 'hole');
}

function isWith(sentence: Sentence): boolean {
  let ahead = 1;
  if (word(sentence, ahead) === 'RECURSIVE') ahead++;
  if (!isNameLike(sentence, ahead)) return false;
  ahead++;
  if (word(sentence, ahead) === '(') while (!ended(sentence, ahead) && word(sentence, ahead++) !== ')');
  if (word(sentence, ahead) !== 'AS') return false;
  ahead++;
  while (word(sentence, ahead) === 'NOT' || word(sentence, ahead) === 'MATERIALIZED') ahead++;
  return (
    word(sentence, ahead) === '(' && ['SELECT', 'VALUES', 'INSERT', 'UPDATE', 'DELETE', 'WITH', '('].includes(word(sentence, ahead + 1))
  );
}

function isCreate(sentence: Sentence): boolean {
  let ahead = 1;
  while (
    /^(?:OR|REPLACE|TEMP|TEMPORARY|UNIQUE|VIRTUAL|MATERIALIZED|UNLOGGED|RECURSIVE|GLOBAL|LOCAL|CONSTRAINT|EVENT)$/.test(
      word(sentence, ahead),
    )
  )
    ahead++;
  const object = word(sentence, ahead);
  if (!objects.has(object)) return false;
  const rest = sentence.tokens.slice(sentence.at + ahead + 1, sentence.at + ahead + 40).map((token) => token.word);
  if (object === 'TABLE') {
    if (rest.includes('(')) return rest.indexOf('(') <= 8;
    return rest.includes('AS') || rest.includes('USING') || rest.includes('PARTITION');
  }
  if (object === 'INDEX') return rest.includes('ON') && rest.includes('(');
  if (object === 'VIEW') return rest.includes('AS') && (rest.includes('SELECT') || rest.includes('WITH') || rest.includes('VALUES'));
  if (object === 'TRIGGER')
    return rest.includes('ON') && rest.some((next) => next === 'BEFORE' || next === 'AFTER' || next === 'INSTEAD' || next === 'BEGIN');
  if (object === 'FUNCTION' || object === 'PROCEDURE') return rest.includes('(') && (sentence.loud || sentence.text.includes('$'));
  return sentence.loud && isNameLike(sentence, ahead + 1);
}

const changes = new Set(
  'ADD DROP ALTER RENAME SET RESET OWNER ENABLE DISABLE ATTACH DETACH VALIDATE CLUSTER INHERIT REPLICA FORCE SYSTEM'.split(' '),
);

function isChange(sentence: Sentence, verb: string): boolean {
  let ahead = 1;
  if (word(sentence, ahead) === 'MATERIALIZED') ahead++;
  if (verb === 'ALTER' && word(sentence, 1) === 'SYSTEM') return word(sentence, 2) === 'SET' || word(sentence, 2) === 'RESET';
  if (!objects.has(word(sentence, ahead))) return false;
  const guarded = sentence.tokens.slice(sentence.at + ahead, sentence.at + ahead + 5).some((token) => token.word === 'EXISTS');
  if (verb === 'DROP') return guarded || (sentence.loud && isNameLike(sentence, ahead + 1));
  const rest = sentence.tokens.slice(sentence.at + ahead + 2, sentence.at + ahead + 9);
  return (
    rest.some((token) => changes.has(token.word)) &&
    (sentence.loud ||
      guarded ||
      rest.some((token) => token.word === 'COLUMN' || token.word === 'CONSTRAINT' || token.word === 'TO' || token.word === 'ADD'))
  );
}

function isSet(sentence: Sentence): boolean {
  let ahead = 1;
  const scope = word(sentence, ahead);
  if (scope === 'LOCAL' || scope === 'SESSION') ahead++;
  if (word(sentence, ahead) === 'TRANSACTION') return true;
  const token = sentence.tokens[sentence.at + ahead];
  if (token?.kind !== 'word') return false;
  const key = sentence.text.slice(token.start, token.end);
  const next = word(sentence, pastName(sentence, ahead));
  return (next === '=' || next === 'TO') && (ahead > 1 || (key === key.toLowerCase() && (key.includes('_') || next === 'TO')));
}
