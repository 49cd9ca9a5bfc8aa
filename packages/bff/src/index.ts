export { createBff } from './create.ts'
export type { Bff, BffSession, Upgrade } from './bff.ts'
export type { ApiRoute, BffClient, BffEvent, BffOptions, BffSecret, CookieOptions, SessionLifetime } from './options.ts'
export { bffKinds, type BffRecords, type SessionRecord } from './records.ts'
