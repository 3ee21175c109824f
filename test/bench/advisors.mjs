/**
 * Public index selection algorithms in their published outline, each on whatever oracle of costs it is given. An oracle answers
 * `cost(query, set)` and `size(index)`; an index is `{ table, columns }`. Budgets are bytes.
 */
const idOf = ({ table, columns }) => `${table}(${columns.join()})`;

/** Columns a query mentions, by table: what the literature calls syntactically relevant. */
export function relevantColumns(sql, tables) {
  const words = new Set(sql.toLowerCase().match(/[a-z_][a-z0-9_]*/g) ?? []);
  return new Map(
    [...tables].filter(([table]) => words.has(table)).map(([table, columns]) => [table, columns.filter((column) => words.has(column))]),
  );
}

/** Remembers costs by what of a set is on a query's tables. */
export function remembering(oracle, queries, tables) {
  const known = new Map();
  const reads = new Map(queries.map(([name, sql]) => [name, relevantColumns(sql, tables)]));
  const sizes = new Map();
  let asked = 0;
  return {
    get asked() {
      return asked;
    },
    async cost([name, sql], set) {
      const own = set.filter(({ table }) => reads.get(name).has(table));
      const key = `${name} ${own.map(idOf).sort().join(' ')}`;
      if (!known.has(key)) {
        asked++;
        known.set(key, await oracle.cost(sql, own));
      }
      return known.get(key);
    },
    async total(list, set) {
      let sum = 0;
      for (const query of list) sum += await this.cost(query, set);
      return sum;
    },
    async size(index) {
      if (!sizes.has(idOf(index))) sizes.set(idOf(index), await oracle.size(index));
      return sizes.get(idOf(index));
    },
    async sizeOf(set) {
      let sum = 0;
      for (const index of set) sum += await this.size(index);
      return sum;
    },
  };
}

function singles(queries, tables) {
  const found = new Map();
  for (const [, sql] of queries)
    for (const [table, columns] of relevantColumns(sql, tables))
      for (const column of columns) found.set(`${table}(${column})`, { table, columns: [column] });
  return [...found.values()];
}

/** What single-statement advisors do: for each query the one single-column index that helps it most; in order of what they save. */
export async function singleColumn(oracle, queries, tables, budget) {
  const gains = new Map();
  for (const query of queries) {
    const base = await oracle.cost(query, []);
    let best;
    for (const index of singles([query], tables)) {
      const gain = base - (await oracle.cost(query, [index]));
      if (gain > base * 0.01 && gain > (best?.gain ?? 0)) best = { index, gain };
    }
    if (best !== undefined) gains.set(idOf(best.index), { index: best.index, gain: (gains.get(idOf(best.index))?.gain ?? 0) + best.gain });
  }
  const set = [];
  for (const { index } of [...gains.values()].sort((one, other) => other.gain - one.gain))
    if ((await oracle.sizeOf(set)) + (await oracle.size(index)) <= budget) set.push(index);
  return set;
}

/** Extend (Schlosser, Kossmann, Boissier, ICDE 2019): add an index or a column to one, by benefit per byte, at most three columns, stopping below 0.1 % as the public code does. */
export async function extend(oracle, queries, tables, budget) {
  const columns = singles(queries, tables);
  let set = [];
  let now = await oracle.total(queries, set);
  for (;;) {
    let best;
    const size = await oracle.sizeOf(set);
    const consider = async (next) => {
      const bytes = await oracle.sizeOf(next);
      if (bytes > budget) return;
      const cost = await oracle.total(queries, next);
      const gain = now - cost;
      if (gain <= now * 0.001) return;
      const ratio = gain / Math.max(1, bytes - size);
      if (ratio > (best?.ratio ?? 0)) best = { next, ratio, cost };
    };
    for (const index of columns) if (!set.some((member) => idOf(member) === idOf(index))) await consider([...set, index]);
    for (const member of set) {
      if (member.columns.length >= 3) continue;
      for (const {
        table,
        columns: [column],
      } of columns)
        if (table === member.table && !member.columns.includes(column))
          await consider([...set.filter((other) => other !== member), { table, columns: [...member.columns, column] }]);
    }
    if (best === undefined) return set;
    set = best.next;
    now = best.cost;
  }
}

/** All indexes of up to two columns that a query may want. */
function pairs(query, tables) {
  const found = [];
  for (const [table, columns] of relevantColumns(query[1], tables))
    for (const column of columns) {
      found.push({ table, columns: [column] });
      for (const other of columns) if (other !== column) found.push({ table, columns: [column, other] });
    }
  return found;
}

/** DB2Advis (Valentin and others, ICDE 2000): every query with all its candidates at once; what it uses is worth what it saves; knapsack by benefit per byte. */
export async function db2Advis(oracle, queries, tables, budget, used) {
  const gains = new Map();
  for (const query of queries) {
    const base = await oracle.cost(query, []);
    const { cost, indexes } = await used(query[1], pairs(query, tables));
    for (const index of indexes) {
      const entry = gains.get(idOf(index)) ?? { index, gain: 0 };
      gains.set(idOf(index), { index, gain: entry.gain + (base - cost) / indexes.length });
    }
  }
  const ranked = [];
  for (const { index, gain } of gains.values()) ranked.push({ index, ratio: gain / (await oracle.size(index)) });
  const set = [];
  for (const { index } of ranked.sort((one, other) => other.ratio - one.ratio)) {
    const covered = set.some(
      (member) => member.table === index.table && index.columns.every((column, at) => member.columns[at] === column),
    );
    if (!covered && (await oracle.sizeOf(set)) + (await oracle.size(index)) <= budget) set.push(index);
  }
  return set;
}

/** AutoAdmin (Chaudhuri and Narasayya, VLDB 1997): each query's best one or two indexes are the candidates, then greedily whatever saves most in all. */
export async function autoAdmin(oracle, queries, tables, budget) {
  const candidates = new Map();
  for (const query of queries) {
    const base = await oracle.cost(query, []);
    const ranked = [];
    for (const index of pairs(query, tables)) {
      const cost = await oracle.cost(query, [index]);
      if (cost < base) ranked.push({ index, cost });
    }
    ranked.sort((one, other) => one.cost - other.cost);
    const [first] = ranked;
    if (first === undefined) continue;
    candidates.set(idOf(first.index), first.index);
    let second;
    for (const { index } of ranked.slice(1, 12)) {
      const cost = await oracle.cost(query, [first.index, index]);
      if (cost < (second?.cost ?? first.cost)) second = { index, cost };
    }
    if (second !== undefined) candidates.set(idOf(second.index), second.index);
  }
  const set = [];
  let now = await oracle.total(queries, set);
  for (;;) {
    let best;
    for (const index of candidates.values()) {
      if (set.includes(index) || (await oracle.sizeOf(set)) + (await oracle.size(index)) > budget) continue;
      const cost = await oracle.total(queries, [...set, index]);
      if (cost < (best?.cost ?? now)) best = { index, cost };
    }
    if (best === undefined) return set;
    set.push(best.index);
    now = best.cost;
  }
}

export const createSql = ({ table, columns }, name) => `CREATE INDEX ${name} ON ${table} (${columns.join(', ')})`;
