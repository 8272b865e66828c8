import { createHash } from 'node:crypto';

/** Braces make one cluster slot of a tenant's keys, so that one script may touch them all. */
export const keysOf = (tenant: string) => ({
  total: `pets:{${tenant}}:total`,
  byContainer: `pets:{${tenant}}:by-container`,
  channel: `pets:{${tenant}}:hits`,
  hit: (id: string) => `pets:{${tenant}}:hit:${id}`,
});

/** How long a hit's ID is remembered: longer than any retry, short enough to bound what Redis holds. */
export const HIT_MEMORY_SECONDS = 30;

/**
 * Counts and publishes one hit, once per ID: a retry gets the numbers of the first time.
 * KEYS: hit, total, by-container. ARGV: hit ID, container, channel, memory in seconds.
 */
export const HIT_SCRIPT = `
local known = redis.call('GET', KEYS[1])
if known then
  local total, own = string.match(known, '^(%d+) (%d+)$')
  return {tonumber(total), tonumber(own)}
end
local total = redis.call('INCR', KEYS[2])
local own = redis.call('HINCRBY', KEYS[3], ARGV[2], 1)
redis.call('SET', KEYS[1], total .. ' ' .. own, 'EX', ARGV[4])
redis.call('PUBLISH', ARGV[3], cjson.encode({hit = ARGV[1], container = ARGV[2], total = total, containerTotal = own}))
return {total, own}
`.trim();

export const HIT_SCRIPT_SHA = createHash('sha1').update(HIT_SCRIPT).digest('hex');
