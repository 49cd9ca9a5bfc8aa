import { type Script, script } from './script.ts'

/*
 * Keys, all under one hash tag:
 *   r:<kind>:<id>             a hash: v version, j JSON, e expiry or '', x the values of its indexes (MessagePack)
 *   i:<kind>:<index>:<value>  a sorted set of ids, all with score 0: in the order of their bytes
 *   e:<kind>                  a sorted set of ids by expiry
 *   kinds                     a hash: kind → its indexes, as JSON
 * Names of kinds and indexes have no colon, so that no two places have one key.
 */

/** Takes a record out of the indexes that its successor is not in. `new` may be false: it is gone. */
const UNLINK = `
local function unlink(base, kind, id, old, new)
  for index, value in pairs(old.x) do
    if not new or new.x[index] ~= value then redis.call('ZREM', base .. 'i:' .. kind .. ':' .. index .. ':' .. value, id) end
  end
  if old.e ~= '' and (not new or new.e == '') then redis.call('ZREM', base .. 'e:' .. kind, id) end
end
`

/**
 * ARGV: the base of all keys, then each change: its letter, kind, id, and what the letter needs. Answers -1, or the place of the
 * change that conflicted. A script that fails halfway keeps what it wrote: so all changes are worked out first, on what is
 * there and what the changes before made of it, and only then written.
 */
export const COMMIT: Script = script(`${UNLINK}
local base, at = ARGV[1], 1
local function take() at = at + 1 return ARGV[at] end

local held, order = {}, {}
local function load(kind, id)
  local key = base .. 'r:' .. kind .. ':' .. id
  local one = held[key]
  if not one then
    local got = redis.call('HMGET', key, 'v', 'e', 'x')
    one = { key = key, kind = kind, id = id, old = got[1] and { v = tonumber(got[1]), e = got[2], x = cmsgpack.unpack(got[3]) } }
    one.new = one.old
    held[key] = one
    order[#order + 1] = one
  end
  return one
end
local function row(version)
  local new = { v = version, e = take(), j = take(), x = {} }
  for _ = 1, tonumber(take()) do local index = take() new.x[index] = take() end
  return new
end

local place = -1
while at < #ARGV do
  place = place + 1
  local op, kind = take(), take()
  if op == 'swept' then
    local index, value = take(), take()
    for _, id in ipairs(redis.call('ZRANGE', base .. 'i:' .. kind .. ':' .. index .. ':' .. value, 0, -1)) do load(kind, id) end
    for _, one in ipairs(order) do
      if one.kind == kind and one.new and one.new.x[index] == value then one.new = false end
    end
  else
    local one = load(kind, take())
    if op == 'deleted' then one.new = false
    elseif op == 'inserted' then
      if one.new then return place end
      one.new = row(1)
    else
      local expected = tonumber(take())
      if not one.new or one.new.v ~= expected then return place end
      if op == 'replaced' then one.new = row(expected + 1) end
    end
  end
end

for _, one in ipairs(order) do
  local old, new = one.old, one.new
  if old ~= new then
    if old then unlink(base, one.kind, one.id, old, new) end
    if new then
      redis.call('HSET', one.key, 'v', new.v, 'e', new.e, 'x', cmsgpack.pack(new.x), 'j', new.j)
      for index, value in pairs(new.x) do
        redis.call('ZADD', base .. 'i:' .. one.kind .. ':' .. index .. ':' .. value, 0, one.id)
      end
      if new.e ~= '' then redis.call('ZADD', base .. 'e:' .. one.kind, new.e, one.id) end
    elseif old then redis.call('DEL', one.key) end
  end
end
return -1
`)

/** ARGV: base, kind, index, value, the id after which to begin or '', how many. Answers id, version, expiry and JSON of each. */
export const LIST: Script = script(`
local base, kind, index, value, after, limit = unpack(ARGV)
local from = after == '' and '-' or '(' .. after
local rows = {}
for _, id in ipairs(redis.call('ZRANGEBYLEX', base .. 'i:' .. kind .. ':' .. index .. ':' .. value, from, '+', 'LIMIT', 0, limit)) do
  local got = redis.call('HMGET', base .. 'r:' .. kind .. ':' .. id, 'v', 'e', 'j')
  rows[#rows + 1] = { id, got[1], got[2], got[3] }
end
return rows
`)

/** ARGV: base, kind, now, how many. Answers how many it removed. */
export const PURGE: Script = script(`${UNLINK}
local base, kind, now, most = unpack(ARGV)
local ids = redis.call('ZRANGEBYSCORE', base .. 'e:' .. kind, '-inf', '(' .. now, 'LIMIT', 0, most)
for _, id in ipairs(ids) do
  local key = base .. 'r:' .. kind .. ':' .. id
  local got = redis.call('HMGET', key, 'e', 'x')
  unlink(base, kind, id, { e = got[1], x = cmsgpack.unpack(got[2]) }, false)
  redis.call('DEL', key)
end
return #ids
`)

/** ARGV: base, kind, id, version, index, value: puts a record into an index that is new, unless it was changed meanwhile. */
export const FILL: Script = script(`
local base, kind, id, version, index, value = unpack(ARGV)
local key = base .. 'r:' .. kind .. ':' .. id
local got = redis.call('HMGET', key, 'v', 'x')
if got[1] ~= version then return 0 end
local x = cmsgpack.unpack(got[2])
x[index] = value
redis.call('HSET', key, 'x', cmsgpack.pack(x))
redis.call('ZADD', base .. 'i:' .. kind .. ':' .. index .. ':' .. value, 0, id)
return 1
`)

/** KEYS[1] a place of its own: does there, and takes back, each thing that the others do. */
export const TRY: Script = script(`
local at = KEYS[1]
redis.call('HSET', at, 'x', '')
redis.call('HMGET', at, 'x')
redis.call('DEL', at)
redis.call('ZADD', at, 0, 'x')
redis.call('ZRANGE', at, 0, -1)
redis.call('ZRANGEBYLEX', at, '-', '+')
redis.call('ZRANGEBYSCORE', at, '-inf', '+inf')
redis.call('ZREM', at, 'x')
`)
