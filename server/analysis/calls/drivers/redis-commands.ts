/**
 * Redis commands as client libraries name their methods. Libraries differ in their capitals only (`hgetall`, `hGetAll`,
 * `HGetAll`), so names are compared in lower case. Commands for many keys at once (MGET, MSET) are left out: they are the cure.
 */
import { of, type ReachKind } from './driver.ts';

const reads =
  'get getdel getex getrange exists ttl pttl type hget hgetall hexists hkeys hvals hlen hmget lrange llen lindex smembers sismember scard srandmember zrange zrevrange zrangebyscore zrevrangebyscore zrank zrevrank zscore zcard zcount xrange xlen xread bitcount getbit pfcount object dump strlen';
const writes =
  'set setex setnx psetex append incr incrby incrbyfloat decr decrby del delete unlink expire expireat pexpire persist rename hset hsetnx hmset hdel hincrby hincrbyfloat lpush rpush lpop rpop lrem lset ltrim sadd srem spop smove zadd zrem zincrby zremrangebyscore zremrangebyrank xadd xdel xack setbit pfadd publish';

export const redisMethods: Readonly<Record<string, ReachKind>> = of('cache', `${reads} ${writes}`);
export const redisReads: ReadonlySet<string> = new Set(reads.split(' '));
