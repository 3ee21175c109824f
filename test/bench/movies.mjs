/**
 * A schema in the spirit of the join-order benchmark: films with their casts, companies, keywords and facts, skewed as such data is, and questions that
 * join many of them. PostgreSQL makes the rows itself.
 */
export const schema = [
  'CREATE TABLE kind (id int PRIMARY KEY, kind text NOT NULL)',
  'CREATE TABLE film (id int PRIMARY KEY, title text NOT NULL, kind_id int NOT NULL, made int, rating numeric(3,1))',
  'CREATE TABLE person (id int PRIMARY KEY, name text NOT NULL, gender text)',
  'CREATE TABLE role (id int PRIMARY KEY, role text NOT NULL)',
  'CREATE TABLE casting (id int PRIMARY KEY, person_id int NOT NULL, film_id int NOT NULL, role_id int NOT NULL, note text, place int)',
  'CREATE TABLE company (id int PRIMARY KEY, name text NOT NULL, country text)',
  'CREATE TABLE film_company (id int PRIMARY KEY, film_id int NOT NULL, company_id int NOT NULL, kind int NOT NULL, note text)',
  'CREATE TABLE keyword (id int PRIMARY KEY, keyword text NOT NULL)',
  'CREATE TABLE film_keyword (id int PRIMARY KEY, film_id int NOT NULL, keyword_id int NOT NULL)',
  'CREATE TABLE fact_kind (id int PRIMARY KEY, fact text NOT NULL)',
  'CREATE TABLE film_fact (id int PRIMARY KEY, film_id int NOT NULL, fact_id int NOT NULL, value text NOT NULL)',
  'CREATE TABLE film_link (id int PRIMARY KEY, film_id int NOT NULL, linked_id int NOT NULL, kind int NOT NULL)',
];

/** `scale` 1: 2,000 films. */
export const data = (scale) => {
  const films = 2000 * scale;
  const people = 4000 * scale;
  // Small numbers far more often than large ones, the same in every run.
  const skewed = (count, salt, power = 3) =>
    `floor(${count} * power((hashint8(i::bigint * 7919 + ${salt})::bigint & 1048575) / 1048576.0, ${power}))::int`;
  const even = (count, salt) => `((hashint8(i::bigint * 104729 + ${salt})::bigint & 1048575) % ${count})::int`;
  return [
    "INSERT INTO kind SELECT i, (ARRAY['movie','series','episode','video','game','short','tv movie'])[i + 1] FROM generate_series(0, 6) i",
    `INSERT INTO film SELECT i, 'Film ' || md5(i::text), ${skewed(7, 1)}, CASE WHEN i % 20 = 0 THEN NULL ELSE 2026 - ${skewed(120, 2)} END, round((10 - ${skewed(90, 3, 2)} / 10.0)::numeric, 1) FROM generate_series(0, ${films - 1}) i`,
    `INSERT INTO person SELECT i, chr(65 + ${even(26, 4)}) || md5(i::text), (ARRAY['m','f',NULL])[1 + ${even(3, 5)}] FROM generate_series(0, ${people - 1}) i`,
    "INSERT INTO role SELECT i, (ARRAY['actor','actress','producer','writer','cinematographer','composer','director','editor','guest','designer','self'])[i + 1] FROM generate_series(0, 10) i",
    `INSERT INTO casting SELECT i, ${skewed(people, 6, 2)}, ${skewed(films, 7, 1.5)}, ${skewed(11, 8)}, CASE WHEN i % 7 = 0 THEN '(voice)' WHEN i % 11 = 0 THEN '(uncredited)' END, ${even(30, 9)} FROM generate_series(0, ${films * 15 - 1}) i`,
    `INSERT INTO company SELECT i, 'Company ' || md5(i::text), (ARRAY['[us]','[gb]','[de]','[fr]','[jp]','[it]','[in]',NULL])[1 + ${skewed(8, 10, 2)}] FROM generate_series(0, ${200 * scale - 1}) i`,
    `INSERT INTO film_company SELECT i, ${even(films, 11)}, ${skewed(200 * scale, 12)}, 1 + ${even(2, 13)}, CASE WHEN i % 3 = 0 THEN '(' || (1990 + i % 30) || ') (USA) (TV)' END FROM generate_series(0, ${films * 2 - 1}) i`,
    `INSERT INTO keyword SELECT i, 'keyword ' || md5(i::text) FROM generate_series(0, ${500 * scale - 1}) i`,
    "UPDATE keyword SET keyword = (ARRAY['character-name-in-title','sequel','superhero','murder','based-on-novel','blood','revenge','love'])[id + 1] WHERE id < 8",
    `INSERT INTO film_keyword SELECT i, ${skewed(films, 14, 1.3)}, ${skewed(500 * scale, 15)} FROM generate_series(0, ${films * 6 - 1}) i`,
    "INSERT INTO fact_kind SELECT i, (ARRAY['genres','languages','rating','budget','votes','release dates','countries','runtimes','top 250 rank','bottom 10 rank'])[i % 10 + 1] || CASE WHEN i >= 10 THEN ' ' || i ELSE '' END FROM generate_series(0, 59) i",
    `INSERT INTO film_fact SELECT i, ${even(films, 16)}, ${skewed(60, 17, 2)}, (ARRAY['Drama','Horror','Comedy','English','German','USA','Germany','USA:1998','8.1','Thriller'])[1 + ${even(10, 18)}] || CASE WHEN i % 4 = 0 THEN ' ' || i % 97 ELSE '' END FROM generate_series(0, ${films * 10 - 1}) i`,
    `INSERT INTO film_link SELECT i, ${even(films, 19)}, ${even(films, 20)}, 1 + ${skewed(16, 21)} FROM generate_series(0, ${films - 1}) i`,
    'VACUUM ANALYZE',
  ];
};

export const queries = [
  [
    'companies of highly ranked films',
    "SELECT min(mc.note), min(t.title), min(t.made) FROM film t JOIN film_company mc ON mc.film_id = t.id JOIN film_fact mi ON mi.film_id = t.id JOIN fact_kind it ON it.id = mi.fact_id WHERE it.fact = 'top 250 rank' AND mc.kind = 2 AND mc.note LIKE '%(TV)%'",
  ],
  [
    'films of German companies with a keyword',
    "SELECT min(t.title) FROM company cn JOIN film_company mc ON mc.company_id = cn.id JOIN film t ON t.id = mc.film_id JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id WHERE cn.country = '[de]' AND k.keyword = 'character-name-in-title'",
  ],
  [
    'recent sequels',
    "SELECT min(t.title) FROM keyword k JOIN film_keyword mk ON mk.keyword_id = k.id JOIN film t ON t.id = mk.film_id JOIN film_fact mi ON mi.film_id = t.id WHERE k.keyword LIKE '%sequel%' AND mi.value IN ('Drama', 'Horror', 'German') AND t.made > 2015",
  ],
  [
    'good recent films with a keyword',
    "SELECT min(mi.value), min(t.title) FROM fact_kind it JOIN film_fact mi ON mi.fact_id = it.id JOIN film t ON t.id = mi.film_id JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id WHERE it.fact = 'rating' AND k.keyword LIKE '%murder%' AND mi.value > '8' AND t.made > 2010",
  ],
  [
    'superheroes of an actor',
    "SELECT min(k.keyword), min(n.name), min(t.title) FROM casting ci JOIN person n ON n.id = ci.person_id JOIN film t ON t.id = ci.film_id JOIN film_keyword mk ON mk.film_id = t.id JOIN keyword k ON k.id = mk.keyword_id WHERE k.keyword = 'superhero' AND n.name LIKE 'Qa%' AND t.made > 2020",
  ],
  [
    'voices of Japanese films',
    "SELECT min(n.name), min(t.title) FROM casting ci JOIN person n ON n.id = ci.person_id JOIN film t ON t.id = ci.film_id JOIN film_company mc ON mc.film_id = t.id JOIN company cn ON cn.id = mc.company_id JOIN role rt ON rt.id = ci.role_id WHERE ci.note = '(voice)' AND cn.country = '[jp]' AND rt.role = 'director' AND n.gender = 'f'",
  ],
  [
    'linked films',
    'SELECT min(t1.title), min(t2.title) FROM film t1 JOIN film_link ml ON ml.film_id = t1.id JOIN film t2 ON t2.id = ml.linked_id WHERE ml.kind = 9 AND t1.made BETWEEN 2000 AND 2005 AND t2.rating > 9.5',
  ],
  [
    'cast of one film',
    'SELECT n.name, rt.role FROM casting ci JOIN person n ON n.id = ci.person_id JOIN role rt ON rt.id = ci.role_id WHERE ci.film_id = 1234 ORDER BY ci.place',
  ],
  [
    'films of one person',
    'SELECT t.title, t.made FROM casting ci JOIN film t ON t.id = ci.film_id WHERE ci.person_id = 777 ORDER BY t.made DESC',
  ],
  ['facts of one film', 'SELECT it.fact, mi.value FROM film_fact mi JOIN fact_kind it ON it.id = mi.fact_id WHERE mi.film_id = 4321'],
  ['newest films', 'SELECT id, title FROM film WHERE made IS NOT NULL ORDER BY made DESC, id DESC LIMIT 20'],
  ['best of a year', 'SELECT id, title, rating FROM film WHERE made = 2019 ORDER BY rating DESC LIMIT 10'],
  ['films of a kind in a year', 'SELECT count(*) FROM film WHERE kind_id = 5 AND made = 1999'],
  [
    'most used keywords',
    'SELECT k.keyword, count(*) FROM film_keyword mk JOIN keyword k ON k.id = mk.keyword_id WHERE mk.film_id BETWEEN 100 AND 200 GROUP BY k.keyword ORDER BY 2 DESC LIMIT 5',
  ],
  [
    'companies without a country',
    'SELECT cn.name, count(*) FROM company cn JOIN film_company mc ON mc.company_id = cn.id WHERE cn.country IS NULL GROUP BY cn.name',
  ],
  ['people by name', "SELECT id, name FROM person WHERE name = 'Q00ac8ed3b4327bdd4ebbebcb2ba10a00'"],
  ['people by name, any case', "SELECT id, name FROM person WHERE lower(name) = 'q00ac8ed3b4327bdd4ebbebcb2ba10a00'"],
  [
    'uncredited in old films',
    "SELECT min(t.title) FROM casting ci JOIN film t ON t.id = ci.film_id WHERE ci.note = '(uncredited)' AND t.made < 1930",
  ],
  [
    'films without companies',
    'SELECT count(*) FROM film t WHERE t.made = 1985 AND NOT EXISTS (SELECT 1 FROM film_company mc WHERE mc.film_id = t.id)',
  ],
  [
    'two keywords at once',
    "SELECT count(*) FROM film_keyword a JOIN film_keyword b ON b.film_id = a.film_id JOIN keyword k1 ON k1.id = a.keyword_id JOIN keyword k2 ON k2.id = b.keyword_id WHERE k1.keyword = 'revenge' AND k2.keyword = 'love'",
  ],
];
