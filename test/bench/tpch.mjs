/**
 * A schema in the spirit of TPC-H, with its 22 questions in our own words: customers order parts that suppliers of many nations have. The rows come
 * from one generator, so both engines hold the same; values are skewed and depend on each other, as real ones do.
 */

/** A generator that gives the same numbers everywhere (mulberry32). */
export function randomFrom(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
  return {
    next,
    /** A whole number from `low` to `high`. */
    between: (low, high) => low + Math.floor(next() * (high - low + 1)),
    /** From 0 to `count` - 1, small ones far more often. */
    skewed: (count, power = 3) => Math.floor(count * next() ** power),
    pick: (list) => list[Math.floor(next() * list.length)],
  };
}

const day = (number) => new Date(Date.UTC(2019, 0, 1) + number * 86_400_000).toISOString().slice(0, 10);

const types = { postgres: { money: 'numeric(12,2)', date: 'date', text: 'text' }, sqlite: { money: 'REAL', date: 'TEXT', text: 'TEXT' } };

export function schemaOf(engine) {
  const { money, date, text } = types[engine];
  return [
    `CREATE TABLE region (id integer PRIMARY KEY, name ${text} NOT NULL)`,
    `CREATE TABLE nation (id integer PRIMARY KEY, name ${text} NOT NULL, region_id integer NOT NULL REFERENCES region)`,
    `CREATE TABLE supplier (id integer PRIMARY KEY, name ${text} NOT NULL, nation_id integer NOT NULL REFERENCES nation, balance ${money} NOT NULL, remark ${text} NOT NULL)`,
    `CREATE TABLE customer (id integer PRIMARY KEY, name ${text} NOT NULL, nation_id integer NOT NULL REFERENCES nation, phone ${text} NOT NULL, balance ${money} NOT NULL, segment ${text} NOT NULL, remark ${text} NOT NULL)`,
    `CREATE TABLE part (id integer PRIMARY KEY, name ${text} NOT NULL, maker ${text} NOT NULL, brand ${text} NOT NULL, kind ${text} NOT NULL, size integer NOT NULL, container ${text} NOT NULL, price ${money} NOT NULL)`,
    `CREATE TABLE offer (part_id integer NOT NULL REFERENCES part, supplier_id integer NOT NULL REFERENCES supplier, available integer NOT NULL, cost ${money} NOT NULL, PRIMARY KEY (part_id, supplier_id))`,
    `CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer NOT NULL REFERENCES customer, status ${text} NOT NULL, total ${money} NOT NULL, placed ${date} NOT NULL, priority ${text} NOT NULL, remark ${text} NOT NULL)`,
    `CREATE TABLE item (order_id integer NOT NULL REFERENCES orders, number integer NOT NULL, part_id integer NOT NULL, supplier_id integer NOT NULL, quantity integer NOT NULL, price ${money} NOT NULL, discount ${money} NOT NULL, tax ${money} NOT NULL, returned ${text} NOT NULL, state ${text} NOT NULL, shipped ${date} NOT NULL, promised ${date} NOT NULL, received ${date} NOT NULL, carrier ${text} NOT NULL, PRIMARY KEY (order_id, number), FOREIGN KEY (part_id, supplier_id) REFERENCES offer)`,
  ];
}
/** What a careful person would have built already. */
export const indexes = [
  'CREATE INDEX orders_customer ON orders (customer_id)',
  'CREATE INDEX item_part ON item (part_id, supplier_id)',
  'CREATE INDEX orders_placed ON orders (placed)',
  'CREATE INDEX customer_nation ON customer (nation_id)',
];

const regions = ['AFRICA', 'AMERICA', 'ASIA', 'EUROPE', 'MIDDLE EAST'];
const materials = ['TIN', 'NICKEL', 'BRASS', 'STEEL', 'COPPER'];
const finishes = ['ANODIZED', 'BURNISHED', 'PLATED', 'POLISHED', 'BRUSHED'];
const grades = ['STANDARD', 'SMALL', 'MEDIUM', 'LARGE', 'ECONOMY', 'PROMO'];
const colours =
  'almond azure beige black blue brown coral cream cyan forest gold green grey indigo ivory khaki lime linen maroon navy olive orange pink plum purple red rose salmon sienna silver snow tan teal tomato violet wheat white yellow'.split(
    ' ',
  );
const segments = ['AUTOMOBILE', 'BUILDING', 'FURNITURE', 'HOUSEHOLD', 'MACHINERY'];
const words =
  'carefully quick express final pending special regular ironic bold even silent furious deposits requests accounts packages theodolites foxes pinto beans instructions Customer Complaints'.split(
    ' ',
  );

/** Rows of every table in the schema's order; `scale` 1 is 1,500 orders. */
export function* rowsOf(scale) {
  const random = randomFrom(42);
  const sentence = (count) => Array.from({ length: count }, () => random.pick(words)).join(' ');
  const counts = { supplier: Math.max(20, 10 * scale), customer: 150 * scale, part: 200 * scale, orders: 1_500 * scale };
  yield ['region', regions.map((name, id) => [id, name])];
  yield ['nation', Array.from({ length: 25 }, (_, id) => [id, `NATION ${String.fromCharCode(65 + id)}`, id % 5])];
  yield [
    'supplier',
    Array.from({ length: counts.supplier }, (_, id) => [
      id,
      `Supplier ${id}`,
      random.between(0, 24),
      random.between(-99_999, 999_999) / 100,
      sentence(6),
    ]),
  ];
  yield [
    'customer',
    Array.from({ length: counts.customer }, (_, id) => {
      const nation = random.skewed(25, 2);
      // A nation buys mostly for one segment.
      const segment = segments[random.next() < 0.6 ? nation % 5 : random.between(0, 4)];
      return [
        id,
        `Customer ${id}`,
        nation,
        `${10 + nation}-${random.between(100, 999)}-${random.between(1000, 9999)}`,
        random.between(-99_999, 999_999) / 100,
        segment,
        sentence(8),
      ];
    }),
  ];
  yield [
    'part',
    Array.from({ length: counts.part }, (_, id) => {
      const maker = random.between(1, 5);
      return [
        id,
        `${random.pick(colours)} ${random.pick(colours)} ${random.pick(colours)}`,
        `Maker ${maker}`,
        `Brand ${maker}${random.between(1, 5)}`,
        `${random.pick(grades)} ${random.pick(finishes)} ${random.pick(materials)}`,
        random.between(1, 50),
        `${random.pick(['SM', 'MED', 'LG', 'JUMBO', 'WRAP'])} ${random.pick(['CASE', 'BOX', 'BAG', 'PACK', 'CAN'])}`,
        900 + (id % 1000) / 10,
      ];
    }),
  ];
  const supplierOf = (part, which) => (part + which * (Math.floor(counts.supplier / 4) + 1)) % counts.supplier;
  yield [
    'offer',
    Array.from({ length: counts.part * 4 }, (_, at) => [
      Math.floor(at / 4),
      supplierOf(Math.floor(at / 4), at % 4),
      random.between(1, 9_999),
      random.between(100, 99_999) / 100,
    ]),
  ];
  const items = [];
  const orders = Array.from({ length: counts.orders }, (_, id) => {
    // Orders come in the order of their days, as they do.
    const placed = Math.min(2_400, Math.floor((id / counts.orders) * 2_300) + random.between(0, 5));
    const lines = random.between(1, 7);
    let total = 0;
    let open = 0;
    for (let number = 1; number <= lines; number++) {
      const part = random.skewed(counts.part, 2);
      const quantity = random.between(1, 50);
      const price = Math.round(quantity * (900 + (part % 1000) / 10) * 100) / 100;
      const shipped = placed + random.between(1, 121);
      const received = shipped + random.between(1, 30);
      total += price;
      const state = shipped > 2_250 ? 'O' : 'F';
      if (state === 'O') open++;
      items.push([
        id,
        number,
        part,
        supplierOf(part, random.between(0, 3)),
        quantity,
        price,
        random.between(0, 10) / 100,
        random.between(0, 8) / 100,
        received <= 2_250 ? random.pick(['R', 'A']) : 'N',
        state,
        day(shipped),
        day(placed + random.between(30, 90)),
        day(received),
        random.pick(['REG AIR', 'AIR', 'RAIL', 'SHIP', 'TRUCK', 'MAIL', 'FOB']),
      ]);
    }
    const status = open === 0 ? 'F' : open === lines ? 'O' : 'P';
    // A third of the customers never order, and few order most.
    return [
      id,
      Math.min(counts.customer - 1, random.skewed(Math.floor((counts.customer * 2) / 3)) * 1.5) | 0,
      status,
      Math.round(total * 100) / 100,
      day(placed),
      `${random.between(1, 5)}-PRIORITY`,
      sentence(random.between(3, 8)),
    ];
  });
  yield ['orders', orders];
  yield ['item', items];
}

/** The 22 questions, then everyday ones; `$1` … stand for parameters. */
export function queriesOf(engine) {
  const year = (column) => (engine === 'postgres' ? `extract(year FROM ${column})` : `strftime('%Y', ${column})`);
  const date = (text) => (engine === 'postgres' ? `DATE '${text}'` : `'${text}'`);
  const p = (number) => (engine === 'postgres' ? `$${number}` : `?${number}`);
  const net = (alias) => `${alias}.price * (1 - ${alias}.discount)`;
  return [
    [
      '1 price summary',
      `SELECT returned, state, sum(quantity), sum(price), avg(discount), count(*) FROM item WHERE shipped <= ${date('2025-03-01')} GROUP BY returned, state ORDER BY returned, state`,
    ],
    [
      '2 cheapest supplier',
      `SELECT s.balance, s.name, n.name, p.id FROM part p JOIN offer f ON f.part_id = p.id JOIN supplier s ON s.id = f.supplier_id JOIN nation n ON n.id = s.nation_id JOIN region r ON r.id = n.region_id WHERE p.size = 15 AND p.kind LIKE '%BRASS' AND r.name = 'EUROPE' AND f.cost = (SELECT min(f2.cost) FROM offer f2 JOIN supplier s2 ON s2.id = f2.supplier_id JOIN nation n2 ON n2.id = s2.nation_id JOIN region r2 ON r2.id = n2.region_id WHERE f2.part_id = p.id AND r2.name = 'EUROPE') ORDER BY s.balance DESC, n.name, s.name, p.id LIMIT 100`,
    ],
    [
      '3 waiting orders',
      `SELECT i.order_id, sum(${net('i')}) AS revenue, o.placed FROM customer c JOIN orders o ON o.customer_id = c.id JOIN item i ON i.order_id = o.id WHERE c.segment = 'BUILDING' AND o.placed < ${date('2022-03-15')} AND i.shipped > ${date('2022-03-15')} GROUP BY i.order_id, o.placed ORDER BY revenue DESC, o.placed LIMIT 10`,
    ],
    [
      '4 late by priority',
      `SELECT priority, count(*) FROM orders o WHERE placed >= ${date('2021-07-01')} AND placed < ${date('2021-10-01')} AND EXISTS (SELECT 1 FROM item i WHERE i.order_id = o.id AND i.promised < i.received) GROUP BY priority ORDER BY priority`,
    ],
    [
      '5 local suppliers',
      `SELECT n.name, sum(${net('i')}) AS revenue FROM customer c JOIN orders o ON o.customer_id = c.id JOIN item i ON i.order_id = o.id JOIN supplier s ON s.id = i.supplier_id AND s.nation_id = c.nation_id JOIN nation n ON n.id = s.nation_id JOIN region r ON r.id = n.region_id WHERE r.name = 'ASIA' AND o.placed >= ${date('2022-01-01')} AND o.placed < ${date('2023-01-01')} GROUP BY n.name ORDER BY revenue DESC`,
    ],
    [
      '6 revenue by discount',
      `SELECT sum(price * discount) FROM item WHERE shipped >= ${date('2022-01-01')} AND shipped < ${date('2023-01-01')} AND discount BETWEEN 0.05 AND 0.07 AND quantity < 24`,
    ],
    [
      '7 trade of two nations',
      `SELECT n1.name, n2.name, ${year('i.shipped')} AS y, sum(${net('i')}) FROM supplier s JOIN item i ON i.supplier_id = s.id JOIN orders o ON o.id = i.order_id JOIN customer c ON c.id = o.customer_id JOIN nation n1 ON n1.id = s.nation_id JOIN nation n2 ON n2.id = c.nation_id WHERE ((n1.name = 'NATION A' AND n2.name = 'NATION B') OR (n1.name = 'NATION B' AND n2.name = 'NATION A')) AND i.shipped BETWEEN ${date('2021-01-01')} AND ${date('2022-12-31')} GROUP BY n1.name, n2.name, y ORDER BY n1.name, n2.name, y`,
    ],
    [
      '8 share of the market',
      `SELECT ${year('o.placed')} AS y, sum(CASE WHEN n2.name = 'NATION C' THEN ${net('i')} ELSE 0 END) / sum(${net('i')}) FROM part p JOIN item i ON i.part_id = p.id JOIN supplier s ON s.id = i.supplier_id JOIN orders o ON o.id = i.order_id JOIN customer c ON c.id = o.customer_id JOIN nation n1 ON n1.id = c.nation_id JOIN region r ON r.id = n1.region_id JOIN nation n2 ON n2.id = s.nation_id WHERE r.name = 'AMERICA' AND o.placed BETWEEN ${date('2021-01-01')} AND ${date('2022-12-31')} AND p.kind = 'ECONOMY ANODIZED STEEL' GROUP BY y ORDER BY y`,
    ],
    [
      '9 profit by product',
      `SELECT n.name, ${year('o.placed')} AS y, sum(${net('i')} - f.cost * i.quantity) FROM part p JOIN item i ON i.part_id = p.id JOIN supplier s ON s.id = i.supplier_id JOIN offer f ON f.supplier_id = i.supplier_id AND f.part_id = i.part_id JOIN orders o ON o.id = i.order_id JOIN nation n ON n.id = s.nation_id WHERE p.name LIKE '%green%' GROUP BY n.name, y ORDER BY n.name, y DESC`,
    ],
    [
      '10 returned items',
      `SELECT c.id, c.name, sum(${net('i')}) AS revenue, c.balance, n.name FROM customer c JOIN orders o ON o.customer_id = c.id JOIN item i ON i.order_id = o.id JOIN nation n ON n.id = c.nation_id WHERE o.placed >= ${date('2021-10-01')} AND o.placed < ${date('2022-01-01')} AND i.returned = 'R' GROUP BY c.id, c.name, c.balance, n.name ORDER BY revenue DESC LIMIT 20`,
    ],
    [
      '11 important stock',
      `SELECT f.part_id, sum(f.cost * f.available) AS value FROM offer f JOIN supplier s ON s.id = f.supplier_id JOIN nation n ON n.id = s.nation_id WHERE n.name = 'NATION D' GROUP BY f.part_id HAVING sum(f.cost * f.available) > (SELECT sum(f2.cost * f2.available) * 0.001 FROM offer f2 JOIN supplier s2 ON s2.id = f2.supplier_id JOIN nation n2 ON n2.id = s2.nation_id WHERE n2.name = 'NATION D') ORDER BY value DESC`,
    ],
    [
      '12 carriers and priority',
      `SELECT i.carrier, sum(CASE WHEN o.priority IN ('1-PRIORITY', '2-PRIORITY') THEN 1 ELSE 0 END), count(*) FROM orders o JOIN item i ON i.order_id = o.id WHERE i.carrier IN ('MAIL', 'SHIP') AND i.promised < i.received AND i.shipped < i.promised AND i.received >= ${date('2022-01-01')} AND i.received < ${date('2023-01-01')} GROUP BY i.carrier ORDER BY i.carrier`,
    ],
    [
      '13 customers by orders',
      `SELECT c_count, count(*) AS many FROM (SELECT c.id, count(o.id) AS c_count FROM customer c LEFT JOIN orders o ON o.customer_id = c.id AND o.remark NOT LIKE '%special%requests%' GROUP BY c.id) x GROUP BY c_count ORDER BY many DESC, c_count DESC`,
    ],
    [
      '14 promotion',
      `SELECT 100.0 * sum(CASE WHEN p.kind LIKE 'PROMO%' THEN ${net('i')} ELSE 0 END) / sum(${net('i')}) FROM item i JOIN part p ON p.id = i.part_id WHERE i.shipped >= ${date('2022-09-01')} AND i.shipped < ${date('2022-10-01')}`,
    ],
    [
      '15 best supplier',
      `WITH revenue AS (SELECT supplier_id, sum(price * (1 - discount)) AS total FROM item WHERE shipped >= ${date('2023-01-01')} AND shipped < ${date('2023-04-01')} GROUP BY supplier_id) SELECT s.id, s.name, total FROM supplier s JOIN revenue ON supplier_id = s.id WHERE total = (SELECT max(total) FROM revenue) ORDER BY s.id`,
    ],
    [
      '16 suppliers by part',
      `SELECT p.brand, p.kind, p.size, count(DISTINCT f.supplier_id) AS many FROM offer f JOIN part p ON p.id = f.part_id WHERE p.brand <> 'Brand 45' AND p.kind NOT LIKE 'MEDIUM POLISHED%' AND p.size IN (49, 14, 23, 45, 19, 3, 36, 9) AND f.supplier_id NOT IN (SELECT id FROM supplier WHERE remark LIKE '%Customer%Complaints%') GROUP BY p.brand, p.kind, p.size ORDER BY many DESC, p.brand, p.kind, p.size`,
    ],
    [
      '17 small orders',
      `SELECT sum(i.price) / 7.0 FROM item i JOIN part p ON p.id = i.part_id WHERE p.brand = 'Brand 23' AND p.container = 'MED BOX' AND i.quantity < (SELECT 0.2 * avg(i2.quantity) FROM item i2 WHERE i2.part_id = p.id)`,
    ],
    [
      '18 large orders',
      `SELECT c.name, c.id, o.id, o.placed, o.total, sum(i.quantity) FROM customer c JOIN orders o ON o.customer_id = c.id JOIN item i ON i.order_id = o.id WHERE o.id IN (SELECT order_id FROM item GROUP BY order_id HAVING sum(quantity) > 300) GROUP BY c.name, c.id, o.id, o.placed, o.total ORDER BY o.total DESC, o.placed LIMIT 100`,
    ],
    [
      '19 discounted revenue',
      `SELECT sum(${net('i')}) FROM item i JOIN part p ON p.id = i.part_id WHERE i.carrier IN ('AIR', 'REG AIR') AND ((p.brand = 'Brand 12' AND p.container IN ('SM CASE', 'SM BOX') AND i.quantity BETWEEN 1 AND 11 AND p.size BETWEEN 1 AND 5) OR (p.brand = 'Brand 23' AND p.container IN ('MED BAG', 'MED BOX') AND i.quantity BETWEEN 10 AND 20 AND p.size BETWEEN 1 AND 10) OR (p.brand = 'Brand 34' AND p.container IN ('LG CASE', 'LG BOX') AND i.quantity BETWEEN 20 AND 30 AND p.size BETWEEN 1 AND 15))`,
    ],
    [
      '20 surplus stock',
      `SELECT s.name FROM supplier s JOIN nation n ON n.id = s.nation_id WHERE n.name = 'NATION E' AND s.id IN (SELECT f.supplier_id FROM offer f WHERE f.part_id IN (SELECT id FROM part WHERE name LIKE 'forest%') AND f.available > (SELECT 0.5 * sum(i.quantity) FROM item i WHERE i.part_id = f.part_id AND i.supplier_id = f.supplier_id AND i.shipped >= ${date('2021-01-01')} AND i.shipped < ${date('2022-01-01')})) ORDER BY s.name`,
    ],
    [
      '21 suppliers who kept waiting',
      `SELECT s.name, count(*) AS many FROM supplier s JOIN item i1 ON i1.supplier_id = s.id JOIN orders o ON o.id = i1.order_id JOIN nation n ON n.id = s.nation_id WHERE o.status = 'F' AND i1.received > i1.promised AND EXISTS (SELECT 1 FROM item i2 WHERE i2.order_id = i1.order_id AND i2.supplier_id <> i1.supplier_id) AND NOT EXISTS (SELECT 1 FROM item i3 WHERE i3.order_id = i1.order_id AND i3.supplier_id <> i1.supplier_id AND i3.received > i3.promised) AND n.name = 'NATION F' GROUP BY s.name ORDER BY many DESC, s.name LIMIT 100`,
    ],
    [
      '22 customers to win back',
      `SELECT country, count(*), sum(balance) FROM (SELECT substr(phone, 1, 2) AS country, balance FROM customer c WHERE substr(phone, 1, 2) IN ('13', '31', '23', '29', '30', '18', '17') AND balance > (SELECT avg(balance) FROM customer WHERE balance > 0) AND NOT EXISTS (SELECT 1 FROM orders o WHERE o.customer_id = c.id)) x GROUP BY country ORDER BY country`,
    ],
    ['one order', `SELECT * FROM orders WHERE id = ${p(1)}`],
    ['orders of a customer', `SELECT * FROM orders WHERE customer_id = ${p(1)} ORDER BY placed DESC LIMIT 20`],
    ['orders of customer 0', 'SELECT * FROM orders WHERE customer_id = 0 ORDER BY placed DESC LIMIT 20'],
    ['orders of a rare customer', 'SELECT * FROM orders WHERE customer_id = 1201'],
    ['items of an order', `SELECT i.*, p.name FROM item i JOIN part p ON p.id = i.part_id WHERE i.order_id = ${p(1)} ORDER BY i.number`],
    ['items of a part', `SELECT count(*) FROM item WHERE part_id = ${p(1)}`],
    ['newest orders', 'SELECT * FROM orders ORDER BY placed DESC LIMIT 10'],
    ['open orders', `SELECT * FROM orders WHERE status = 'O' AND placed < ${date('2025-04-01')}`],
    ['partly shipped', "SELECT id, customer_id FROM orders WHERE status = 'P' ORDER BY id LIMIT 50 OFFSET 100"],
    ['orders between', `SELECT count(*) FROM orders WHERE placed BETWEEN ${p(1)} AND ${p(2)}`],
    ['distinct customers', `SELECT DISTINCT customer_id FROM orders WHERE placed > ${date('2025-01-01')}`],
    ['any of', "SELECT * FROM customer WHERE segment = 'MACHINERY' AND nation_id IN (1, 2, 3)"],
    ['rows with both', "SELECT * FROM customer WHERE segment = 'FURNITURE' AND nation_id = 2"],
    ['either', 'SELECT * FROM item WHERE part_id = 17 OR order_id = 4711'],
    ['union', `SELECT id FROM orders WHERE customer_id = ${p(1)} UNION ALL SELECT order_id FROM item WHERE part_id = ${p(2)}`],
    ['window', 'SELECT id, total, rank() OVER (PARTITION BY customer_id ORDER BY total DESC) FROM orders WHERE customer_id < 50'],
    ['merge of keys', 'SELECT o.id, count(*) FROM orders o JOIN item i ON i.order_id = o.id GROUP BY o.id'],
    ['biggest order', 'SELECT max(id), min(id) FROM orders'],
    ['change one', `UPDATE orders SET remark = ${p(1)} WHERE id = ${p(2)}`],
    ['delete old', `DELETE FROM item WHERE shipped < ${date('2019-03-01')}`],
    ['insert', `INSERT INTO region (id, name) VALUES (${p(1)}, ${p(2)})`],
  ];
}

/** Indexes that somebody might be advised to build, one for each of some of the questions. */
export const candidates = [
  { table: 'item', keys: ['shipped'] },
  { table: 'item', keys: ['shipped'], include: ['price', 'discount'] },
  { table: 'item', keys: ['supplier_id'] },
  { table: 'orders', keys: ['customer_id', 'placed'] },
  { table: 'orders', keys: ['status', 'placed'] },
  { table: 'orders', keys: ['placed', 'priority'] },
  { table: 'part', keys: ['brand', 'container'] },
  { table: 'part', keys: ['size', 'kind'] },
  { table: 'customer', keys: ['segment', 'nation_id'] },
  { table: 'offer', keys: ['supplier_id'] },
];
