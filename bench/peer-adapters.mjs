/** Three stores for oidc-provider, as one would write them for it. */
import { DatabaseSync } from 'node:sqlite'

/** An unbounded Map: the built-in one forgets beyond 1,000 entries, and would be asked for more. */
export function memoryAdapter() {
  const records = new Map()
  const ids = new Map()
  const members = new Map()
  return class {
    constructor(model) {
      this.model = model
    }
    key(id) {
      return `${this.model}:${id}`
    }
    async upsert(id, payload) {
      const key = this.key(id)
      if (payload.uid) ids.set(`uid:${payload.uid}`, id)
      if (payload.userCode) ids.set(`userCode:${payload.userCode}`, id)
      if (payload.grantId && this.model !== 'Session') {
        const known = members.get(payload.grantId)
        if (known === undefined) members.set(payload.grantId, new Set([key]))
        else known.add(key)
      }
      records.set(key, payload)
    }
    async find(id) {
      return records.get(this.key(id))
    }
    async findByUid(uid) {
      return this.find(ids.get(`uid:${uid}`))
    }
    async findByUserCode(userCode) {
      return this.find(ids.get(`userCode:${userCode}`))
    }
    async consume(id) {
      records.get(this.key(id)).consumed = Math.floor(Date.now() / 1000)
    }
    async destroy(id) {
      records.delete(this.key(id))
    }
    async revokeByGrantId(grantId) {
      for (const key of members.get(grantId) ?? []) records.delete(key)
      members.delete(grantId)
    }
  }
}

/** SQLite with the same durability as ours. `grouped`: the writes of one turn of the event loop share a commit; else each has its own. */
export function sqliteAdapter(path, grouped) {
  const database = new DatabaseSync(path)
  database.exec('pragma journal_mode = wal; pragma synchronous = full; pragma cache_size = -16384; pragma temp_store = memory')
  database.exec(
    'create table if not exists record (key text primary key, payload text not null, grant_id text, uid text, user_code text, expires_at integer) strict',
  )
  for (const column of ['grant_id', 'uid', 'user_code'])
    database.exec(`create index if not exists record_${column} on record (${column}) where ${column} is not null`)
  const upsert = database.prepare(
    'insert into record values (?, ?, ?, ?, ?, ?) on conflict (key) do update set payload = excluded.payload, grant_id = excluded.grant_id, uid = excluded.uid, user_code = excluded.user_code, expires_at = excluded.expires_at',
  )
  const find = database.prepare('select payload from record where key = ?')
  const findByUid = database.prepare('select payload from record where uid = ?')
  const findByUserCode = database.prepare('select payload from record where user_code = ?')
  const consume = database.prepare("update record set payload = json_set(payload, '$.consumed', ?) where key = ?")
  const destroy = database.prepare('delete from record where key = ?')
  const revoke = database.prepare('delete from record where grant_id = ?')
  const read = (row) => (row === undefined ? undefined : JSON.parse(row.payload))

  let waiting = []
  function flush() {
    const turn = waiting
    waiting = []
    database.exec('begin immediate')
    for (const { statement, parameters } of turn) statement.run(...parameters)
    database.exec('commit')
    for (const { resolve } of turn) resolve()
  }
  const write = grouped
    ? (statement, ...parameters) =>
        new Promise((resolve) => {
          if (waiting.push({ statement, parameters, resolve }) === 1) setImmediate(flush)
        })
    : async (statement, ...parameters) => void statement.run(...parameters)

  return class {
    constructor(model) {
      this.model = model
    }
    key(id) {
      return `${this.model}:${id}`
    }
    upsert(id, payload, expiresIn) {
      const expiresAt = expiresIn === undefined ? null : Math.floor(Date.now() / 1000) + expiresIn
      return write(
        upsert,
        this.key(id),
        JSON.stringify(payload),
        payload.grantId ?? null,
        payload.uid ?? null,
        payload.userCode ?? null,
        expiresAt,
      )
    }
    async find(id) {
      return read(find.get(this.key(id)))
    }
    async findByUid(uid) {
      return read(findByUid.get(uid))
    }
    async findByUserCode(userCode) {
      return read(findByUserCode.get(userCode))
    }
    consume(id) {
      return write(consume, Math.floor(Date.now() / 1000), this.key(id))
    }
    destroy(id) {
      return write(destroy, this.key(id))
    }
    revokeByGrantId(grantId) {
      return write(revoke, grantId)
    }
  }
}
