import type { HttpRequest, Reply } from '@holdfast/protocol/http'
import type { Backend } from '../backend.ts'
import { backchannelLogout } from './backchannel-logout.ts'
import { callback } from './callback.ts'
import { login } from './login.ts'
import { logout } from './logout.ts'
import { session } from './session.ts'

export interface Endpoint {
  /** Below `basePath`. */
  readonly path: string
  readonly methods: readonly string[]
  readonly answer: (backend: Backend, request: HttpRequest) => Promise<Reply>
}

export const endpoints: readonly Endpoint[] = [
  { path: '/login', methods: ['GET'], answer: login },
  { path: '/callback', methods: ['GET'], answer: callback },
  { path: '/session', methods: ['GET'], answer: session },
  { path: '/logout', methods: ['GET', 'POST'], answer: logout },
  { path: '/backchannel-logout', methods: ['POST'], answer: backchannelLogout },
]
