/**
 * A help desk: what PostgreSQL schemas have beside plain tables. Enums, domains, jsonb, arrays, full text, ranges, partitions in two levels, generated and
 * identity columns, partial, expression, GIN, GiST, BRIN, hash and covering indexes, extended statistics, a materialised view, a table that changed since its ANALYZE.
 */
export const schema: readonly string[] = [
  "CREATE TYPE priority AS ENUM ('low', 'normal', 'high', 'urgent')",
  "CREATE DOMAIN email AS text CHECK (VALUE LIKE '%@%')",
  'CREATE FUNCTION folded(t text) RETURNS text LANGUAGE sql IMMUTABLE AS $$ SELECT lower(trim(t)) $$',
  'CREATE TABLE account (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, gone integer, mail email NOT NULL, country text, city text, zip text, plan text NOT NULL, seen timestamptz, settings jsonb NOT NULL, name text)',
  'ALTER TABLE account DROP COLUMN gone',
  'CREATE STATISTICS account_place (ndistinct, dependencies, mcv) ON country, city, zip FROM account',
  'CREATE UNIQUE INDEX account_mail ON account (folded(mail))',
  "CREATE INDEX account_plan ON account ((settings ->> 'theme')) WHERE plan = 'pro'",
  "CREATE TABLE ticket (id bigserial PRIMARY KEY, account_id bigint NOT NULL REFERENCES account, title text NOT NULL, body text, state text NOT NULL, prio priority NOT NULL, tags text[] NOT NULL, meta jsonb, opened timestamptz NOT NULL, closed timestamptz, assigned integer, amount numeric(10, 2), words tsvector GENERATED ALWAYS AS (to_tsvector('simple', title)) STORED)",
  'CREATE INDEX ticket_account ON ticket (account_id, opened DESC)',
  "CREATE INDEX ticket_open ON ticket (opened) WHERE state = 'open'",
  'CREATE INDEX ticket_tags ON ticket USING gin (tags)',
  'CREATE INDEX ticket_meta ON ticket USING gin (meta jsonb_path_ops)',
  'CREATE INDEX ticket_words ON ticket USING gin (words)',
  'CREATE INDEX ticket_opened_brin ON ticket USING brin (opened)',
  'CREATE INDEX ticket_assigned ON ticket (assigned) INCLUDE (state, prio)',
  'CREATE INDEX ticket_title ON ticket USING hash (title)',
  'CREATE TABLE event (id bigint NOT NULL, at timestamptz NOT NULL, kind text NOT NULL, account_id bigint, payload jsonb, PRIMARY KEY (id, at)) PARTITION BY RANGE (at)',
  ...[1, 2, 3, 4].map(
    (month) => `CREATE TABLE event_2026_0${month} PARTITION OF event FOR VALUES FROM ('2026-0${month}-01') TO ('2026-0${month + 1}-01')`,
  ),
  "CREATE TABLE event_2026_05 PARTITION OF event FOR VALUES FROM ('2026-05-01') TO ('2026-06-01') PARTITION BY HASH (id)",
  ...[0, 1].map((part) => `CREATE TABLE event_2026_05_${part} PARTITION OF event_2026_05 FOR VALUES WITH (MODULUS 2, REMAINDER ${part})`),
  'CREATE INDEX event_account_2026_02 ON event_2026_02 (account_id)',
  'CREATE INDEX event_account ON event (account_id)',
  'CREATE INDEX event_kind ON event (kind, at)',
  'CREATE TABLE booking (id serial PRIMARY KEY, room integer NOT NULL, during tsrange NOT NULL, EXCLUDE USING gist (during WITH &&) WHERE (room = 0))',
  'CREATE INDEX booking_during ON booking USING gist (during)',
  'CREATE TABLE tiny (id integer PRIMARY KEY, label text)',
  'CREATE TABLE never_analysed (id integer PRIMARY KEY, label text) WITH (autovacuum_enabled = off)',
];

/** One statement after another; generated in the server, from hashes and not from chance. */
export const data = (scale: number): readonly string[] => [
  `INSERT INTO account (mail, country, city, zip, plan, seen, settings, name)
   SELECT 'User' || i || '@Example.org', 'C' || c, 'City ' || c || '-' || (h % 20), 'Z' || c || '-' || (h % 20) || '-' || (h % 3), CASE WHEN h % 10 = 0 THEN 'pro' ELSE 'free' END,
     CASE WHEN h % 4 <> 0 THEN timestamptz '2026-01-01 00:00Z' + (h % 10000000) * interval '1 second' END, jsonb_build_object('theme', CASE h % 5 WHEN 0 THEN 'dark' ELSE 'light' END, 'n', h % 100), CASE WHEN h % 3 = 0 THEN NULL ELSE 'name ' || (h % 5000) END
   FROM (SELECT i, abs(hashint4(i)) AS h, abs(hashint4(i + 7)) % 12 AS c FROM generate_series(1, ${2_000 * scale}) i) s`,
  `INSERT INTO ticket (account_id, title, body, state, prio, tags, meta, opened, closed, assigned, amount)
   SELECT 1 + floor(${2_000 * scale} * power((h % 100000) / 100000.0, 3)), 'Ticket about ' || (h % 3000) || ' and ' || (h % 77), CASE WHEN h % 50 = 0 THEN repeat(md5(i::text), 100) ELSE md5(i::text) END,
     CASE WHEN i > ${19_000 * scale} THEN (CASE WHEN h % 3 = 0 THEN 'closed' ELSE 'open' END) WHEN h % 200 = 0 THEN 'open' ELSE 'closed' END,
     (ARRAY['low', 'normal', 'normal', 'normal', 'high', 'urgent'])[1 + h % 6]::priority, ARRAY['tag' || (h % 40), 'tag' || (h % 7), 'rare' || (h % 2000)],
     jsonb_build_object('source', CASE h % 4 WHEN 0 THEN 'mail' WHEN 1 THEN 'web' ELSE 'phone' END, 'ref', h % 5000), timestamptz '2025-01-01 00:00Z' + i * interval '11 minutes', CASE WHEN h % 5 <> 0 THEN timestamptz '2025-01-02 00:00Z' + i * interval '11 minutes' + (h % 100) * interval '1 hour' END,
     CASE WHEN h % 10 < 3 THEN NULL ELSE h % 60 END, (h % 100000) / 100.0
   FROM (SELECT i, abs(hashint4(i)) AS h FROM generate_series(1, ${20_000 * scale}) i) s`,
  `INSERT INTO event SELECT i, timestamptz '2026-01-01 00:00Z' + (i * 150.9 / ${60_000 * scale}) * interval '1 day', CASE WHEN h % 100 < 70 THEN 'view' WHEN h % 100 < 95 THEN 'click' ELSE 'error' || h % 3 END, CASE WHEN h % 9 = 0 THEN NULL ELSE 1 + h % ${2_000 * scale} END, jsonb_build_object('a', h % 10)
   FROM (SELECT i, abs(hashint4(i)) AS h FROM generate_series(1, ${60_000 * scale}) i) s`,
  `INSERT INTO booking (room, during) SELECT 1 + i % 50, tsrange(timestamp '2026-01-01' + i * interval '37 minutes', timestamp '2026-01-01' + i * interval '37 minutes' + (1 + h % 5) * interval '1 hour') FROM (SELECT i, abs(hashint4(i)) AS h FROM generate_series(1, ${3_000 * scale}) i) s`,
  "INSERT INTO tiny SELECT i, 'label ' || i FROM generate_series(1, 12) i",
  "INSERT INTO never_analysed SELECT i, 'label ' || i FROM generate_series(1, 3000) i",
  "CREATE MATERIALIZED VIEW daily AS SELECT date_trunc('day', at) AS day, kind, count(*) AS many FROM event GROUP BY 1, 2",
  'CREATE INDEX daily_day ON daily (day, kind)',
  "CREATE VIEW open_tickets AS SELECT t.*, a.mail FROM ticket t JOIN account a ON a.id = t.account_id WHERE t.state = 'open'",
  'VACUUM ANALYZE account, ticket, event, booking, tiny, daily',
  // Grown since it was analysed: the planner scales by the size of the file.
  `INSERT INTO booking (room, during) SELECT 1 + i % 50, tsrange(timestamp '2027-01-01' + i * interval '37 minutes', timestamp '2027-01-01' + i * interval '37 minutes' + interval '1 hour') FROM generate_series(1, ${1_000 * scale}) i`,
];

export const queries: readonly (readonly [name: string, sql: string])[] = [
  ['account by mail', 'SELECT * FROM account WHERE folded(mail) = folded($1)'],
  ['account by literal mail', "SELECT * FROM account WHERE folded(mail) = 'user77@example.org'"],
  ['place, dependent columns', "SELECT * FROM account WHERE country = 'C3' AND city = 'City 3-5' AND zip = 'Z3-5-2'"],
  ['groups of places', 'SELECT country, city, zip, count(*) FROM account GROUP BY country, city, zip'],
  ['pro accounts with a theme', "SELECT * FROM account WHERE plan = 'pro' AND settings ->> 'theme' = 'dark'"],
  ['free accounts with a theme', "SELECT * FROM account WHERE plan = 'free' AND settings ->> 'theme' = 'dark'"],
  ['unnamed accounts', 'SELECT count(*) FROM account WHERE name IS NULL'],
  ['seen lately', "SELECT id FROM account WHERE seen > '2026-04-20 00:00Z' ORDER BY seen DESC LIMIT 10"],
  ['tickets of an account', 'SELECT * FROM ticket WHERE account_id = $1 ORDER BY opened DESC LIMIT 10'],
  ['tickets of account 1', 'SELECT * FROM ticket WHERE account_id = 1'],
  ['tickets of account 1999', 'SELECT * FROM ticket WHERE account_id = 1999'],
  ['open tickets', "SELECT * FROM ticket WHERE state = 'open' ORDER BY opened LIMIT 50"],
  ['open tickets of a time', "SELECT count(*) FROM ticket WHERE state = 'open' AND opened > '2025-05-01 00:00Z'"],
  ['closed tickets', "SELECT count(*) FROM ticket WHERE state = 'closed'"],
  ['urgent tickets', "SELECT * FROM ticket WHERE prio = 'urgent' AND amount > 900"],
  ['with a common tag', "SELECT id FROM ticket WHERE tags @> ARRAY['tag3']"],
  ['with a rare tag', "SELECT id FROM ticket WHERE tags @> ARRAY['rare77']"],
  ['with any tag', "SELECT id FROM ticket WHERE tags && ARRAY['rare77', 'rare78']"],
  ['with a tag, not known yet', 'SELECT id FROM ticket WHERE tags @> $1'],
  ['by meta', `SELECT id FROM ticket WHERE meta @> '{"ref": 77}'`],
  ['by meta source', `SELECT count(*) FROM ticket WHERE meta @> '{"source": "mail"}'`],
  ['by words', "SELECT id FROM ticket WHERE words @@ to_tsquery('simple', '2999')"],
  ['by two words', "SELECT id FROM ticket WHERE words @@ to_tsquery('simple', 'ticket & 17')"],
  ['by title', "SELECT id FROM ticket WHERE title = 'Ticket about 17 and 3'"],
  ['by title start', "SELECT id FROM ticket WHERE title LIKE 'Ticket about 17%'"],
  ['opened between, correlated', "SELECT sum(amount) FROM ticket WHERE opened BETWEEN '2025-03-01 00:00Z' AND '2025-03-08 00:00Z'"],
  ['of an agent', 'SELECT state, prio, assigned FROM ticket WHERE assigned = 7'],
  ['of nobody', 'SELECT count(*) FROM ticket WHERE assigned IS NULL'],
  [
    'join of two',
    "SELECT a.mail, count(*) FROM account a JOIN ticket t ON t.account_id = a.id WHERE a.plan = 'pro' AND t.prio = 'high' GROUP BY a.mail",
  ],
  ['through a view', "SELECT * FROM open_tickets WHERE mail LIKE 'User1%' LIMIT 20"],
  ['no ticket yet', 'SELECT id FROM account a WHERE NOT EXISTS (SELECT 1 FROM ticket t WHERE t.account_id = a.id)'],
  [
    'last ticket of each',
    "SELECT a.id, t.opened FROM account a LEFT JOIN LATERAL (SELECT opened FROM ticket WHERE account_id = a.id ORDER BY opened DESC LIMIT 1) t ON true WHERE a.country = 'C1'",
  ],
  ['events of a day', "SELECT kind, count(*) FROM event WHERE at >= '2026-02-03 00:00Z' AND at < '2026-02-04 00:00Z' GROUP BY kind"],
  ['events of an account', 'SELECT * FROM event WHERE account_id = $1 ORDER BY at DESC LIMIT 10'],
  ['events of account 5', 'SELECT count(*) FROM event WHERE account_id = 5'],
  ['errors', "SELECT * FROM event WHERE kind = 'error1' ORDER BY at DESC LIMIT 5"],
  ['one event', 'SELECT * FROM event WHERE id = 4711'],
  ['event of May', "SELECT * FROM event WHERE id = 4711 AND at > '2026-05-03 00:00Z'"],
  ['all events by kind', 'SELECT kind, count(*) FROM event GROUP BY kind'],
  [
    'events with accounts',
    "SELECT a.country, count(*) FROM event e JOIN account a ON a.id = e.account_id WHERE e.at >= '2026-03-10 00:00Z' AND e.at < '2026-03-12 00:00Z' GROUP BY a.country",
  ],
  ['bookings at a time', "SELECT * FROM booking WHERE during && tsrange('2026-02-01 00:00', '2026-02-01 06:00')"],
  ['bookings of a room', 'SELECT * FROM booking WHERE room = 7'],
  ['days', "SELECT * FROM daily WHERE day > '2026-05-01 00:00Z'"],
  ['tiny', 'SELECT * FROM tiny WHERE id = $1'],
  ['tiny with tickets', 'SELECT t.id, y.label FROM ticket t JOIN tiny y ON y.id = t.assigned WHERE t.account_id = 17'],
  ['never analysed', 'SELECT * FROM never_analysed WHERE id = 17'],
  ['never analysed, all', "SELECT * FROM never_analysed WHERE label = 'label 5'"],
  ['newest ticket', 'SELECT max(opened) FROM ticket'],
  ['paging', 'SELECT id, title FROM ticket ORDER BY id LIMIT 20 OFFSET 10000'],
  [
    'recursive',
    'WITH RECURSIVE r(id, n) AS (SELECT 1::bigint, 1 UNION ALL SELECT t.account_id, n + 1 FROM r JOIN ticket t ON t.id = r.id WHERE n < 5) SELECT * FROM r',
  ],
  ['in a list', 'SELECT * FROM ticket WHERE id IN (1, 5, 77, 1234, 9999)'],
  ['any of an array', 'SELECT * FROM ticket WHERE id = ANY ($1)'],
  ['close one', "UPDATE ticket SET state = 'closed', closed = now() WHERE id = $1"],
  ['move a partition', "DELETE FROM event WHERE at < '2026-01-03 00:00Z'"],
  ['insert', "INSERT INTO ticket (account_id, title, state, prio, tags, opened) VALUES ($1, $2, 'open', 'low', '{}', now())"],
];

interface Advised {
  readonly table: string;
  readonly keys: readonly string[];
  readonly include?: readonly string[];
  readonly where?: string;
  readonly operatorClass?: string;
}
export const candidates: readonly Advised[] = [
  { table: 'ticket', keys: ['state', 'opened'] },
  { table: 'ticket', keys: ['prio', 'amount'] },
  { table: 'ticket', keys: ['amount'], where: "prio = 'urgent'" },
  { table: 'ticket', keys: ['title'], operatorClass: 'text_pattern_ops' },
  { table: 'account', keys: ['country', 'city', 'zip'] },
  { table: 'account', keys: ['seen'] },
  { table: 'account', keys: ['plan'], include: ['mail'] },
  { table: 'event', keys: ['id'] },
  { table: 'event', keys: ['account_id', 'at'] },
  { table: 'booking', keys: ['room'] },
];
