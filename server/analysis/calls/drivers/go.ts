/** Go libraries. */
import { type Driver, of } from './driver.ts';
import { redisMethods } from './redis-commands.ts';

const handles =
  /^(db|tx|conn|pool|c|q|s|r|database|sqlDB|dbtx|exec|executor|queryer|stmt|dbConn|rdb|DB|Pool|Conn|Tx)$|(DB|Db|Pool|Conn|Tx|Stmt)$/;
const standard = of('query', 'Query QueryRow QueryContext QueryRowContext', 'write', 'Exec ExecContext');

export const goDrivers: readonly Driver[] = [
  {
    id: 'go:database/sql',
    modules: ['database/sql'],
    types: /^(sql\.)(DB|Tx|Conn|Stmt)$/,
    makers: /^sql\.(Open|OpenDB)$|\.(Begin|BeginTx|Conn|Prepare|PrepareContext)$/,
    receivers: handles,
    methods: standard,
    distinctive: of('query', 'QueryContext QueryRowContext', 'write', 'ExecContext'),
  },
  {
    id: 'go:sqlx',
    modules: ['github.com/jmoiron/sqlx'],
    types: /^sqlx\.(DB|Tx|Stmt|NamedStmt|ExtContext|QueryerContext|ExecerContext)$/,
    makers: /^sqlx\.(Open|Connect|MustConnect|ConnectContext)$|\.(Beginx|BeginTxx|Preparex|PrepareNamed)$/,
    receivers: handles,
    methods: {
      ...standard,
      ...of(
        'query',
        'Get Select GetContext SelectContext Queryx QueryRowx QueryxContext QueryRowxContext NamedQuery',
        'write',
        'NamedExec NamedExecContext MustExec',
      ),
    },
    distinctive: of('query', 'GetContext SelectContext QueryRowxContext NamedQuery', 'write', 'NamedExec NamedExecContext'),
  },
  {
    id: 'go:pgx',
    modules: ['github.com/jackc/pgx', 'github.com/jackc/pgconn'],
    types: /^(pgx|pgxpool)\.(Conn|Tx|Pool)$/,
    makers: /^(pgx|pgxpool)\.(Connect|New|NewWithConfig|ConnectConfig)$|\.(Begin|BeginTx|Acquire)$/,
    receivers: handles,
    methods: of('query', 'Query QueryRow', 'write', 'Exec'),
  },
  {
    id: 'go:gorm',
    modules: ['gorm.io/gorm', 'github.com/jinzhu/gorm'],
    types: /^gorm\.DB$/,
    makers:
      /^gorm\.Open$|\.(Where|Model|Table|Preload|Joins|Session|WithContext|Order|Limit|Offset|Select|Group|Unscoped|Debug|Clauses|Not|Or|Omit|Distinct|Scopes|Begin)$/,
    receivers: /^(db|tx|DB|gormDB|conn|database)$|(DB|Db)$/,
    methods: of(
      'query',
      'First Find Last Take Count Pluck Scan Row Rows FirstOrCreate FirstOrInit',
      'write',
      'Create Save Update Updates UpdateColumn UpdateColumns Delete Exec',
    ),
  },
  {
    id: 'go:bun',
    modules: ['github.com/uptrace/bun', 'github.com/go-pg/pg'],
    types: /^(bun|pg)\.(DB|Tx|IDB)$/,
    makers: /\.(NewSelect|NewInsert|NewUpdate|NewDelete|NewRaw|Model|Relation|Where|Order|Limit|Column|Set|ModelTableExpr)$/,
    methods: of('query', 'Scan Count Exists ScanAndCount', 'write', 'Exec'),
  },
  {
    id: 'go:dbx',
    modules: ['github.com/pocketbase/dbx', 'github.com/go-ozzo/ozzo-dbx'],
    types: /^dbx\.(DB|Tx|Builder|Query|SelectQuery)$/,
    makers: /\.(NewQuery|Bind|WithContext|Select|From|Where|AndWhere|OrderBy|Limit)$/,
    methods: of('query', 'One All Row Rows Column', 'write', 'Execute'),
  },
  {
    id: 'go:ent',
    modules: ['entgo.io/ent'],
    makers: /\.(Query|Create|Update|UpdateOne|UpdateOneID|Delete|DeleteOneID|Where|With\w+|Order|Limit|Set\w+|Add\w+)$/,
    methods: of('query', 'All Only OnlyX First FirstX Count Exist IDs', 'write', 'Save SaveX Exec ExecX'),
  },
  {
    id: 'go:mongo',
    modules: ['go.mongodb.org/mongo-driver'],
    types: /^mongo\.(Collection|Database)$/,
    makers: /\.Collection$/,
    receivers: /(coll|Coll|collection|Collection)$/,
    methods: of(
      'query',
      'FindOne Find CountDocuments Aggregate Distinct',
      'write',
      'InsertOne UpdateOne UpdateByID ReplaceOne DeleteOne FindOneAndUpdate FindOneAndDelete',
    ),
  },
  {
    id: 'go:redis',
    modules: ['github.com/redis/go-redis', 'github.com/go-redis/redis', 'github.com/gomodule/redigo', 'github.com/redis/rueidis'],
    types: /^redis\.(Client|ClusterClient|UniversalClient|Cmdable|Conn|Ring)$/,
    makers: /^redis\.(NewClient|NewClusterClient|NewUniversalClient|NewFailoverClient)$/,
    receivers: /^(rdb|redis|client|rc|cache|conn|c)$|[rR]edis(Client|Conn)?$/,
    methods: { ...redisMethods, ...of('cache', 'do') },
    queues: /\.(Pipeline|TxPipeline|Pipelined|TxPipelined)$/,
    fold: true,
  },
  {
    id: 'go:net/http',
    modules: ['net/http'],
    types: /^http\.Client$/,
    makers: /^&?http\.Client$/,
    receivers: /^(client|httpClient|hc|c|http)$|([hH]ttpClient|HTTPClient)$/,
    methods: of('network', 'Do'),
    functions: of('network', 'http.Get http.Post http.Head http.PostForm http.DefaultClient.Do http.DefaultClient.Get'),
  },
];
