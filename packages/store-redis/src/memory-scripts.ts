import { type Script, script } from './script.ts'

/**
 * KEYS[1] the counter, ARGV[1] its life in milliseconds. The life is set with the first count and by nothing else: a
 * counter whose end moved would never end under attack.
 */
export const INCREMENT: Script = script(`
redis.call('SET', KEYS[1], 0, 'PX', ARGV[1], 'NX')
return redis.call('INCR', KEYS[1])
`)

/** KEYS[1] the counter. */
export const FORGIVE: Script = script(`
local count = redis.call('GET', KEYS[1])
if count and tonumber(count) > 0 then redis.call('DECR', KEYS[1]) end
`)

/**
 * KEYS[1] the marker; ARGV[1] the server's run_id, [2] since when a memory without a marker knows, [3] since when one does
 * that another run of the server had. Answers since when the memory knows everything; never earlier than it said before.
 */
export const BEGIN: Script = script(`
local held = redis.call('HMGET', KEYS[1], 'run', 'since')
if held[1] == ARGV[1] then return held[2] end
local since = held[1] and ARGV[3] or ARGV[2]
if held[2] and tonumber(held[2]) > tonumber(since) then since = held[2] end
redis.call('HSET', KEYS[1], 'run', ARGV[1], 'since', since)
return since
`)
