import type { ServerResponse } from 'node:http'
import { toStderr } from './failure.ts'
import { judge, type MountedMessage, type NodeOptions, setHeaders, targetOf } from './listener.ts'
import { peersOf } from './peers.ts'
import { send } from './send.ts'
import type { Check } from './verdict.ts'

export type { NodeOptions } from './listener.ts'
export type { Check, Verdict } from './verdict.ts'

/** Of Nest's `ExecutionContext`, what is used here. */
export interface NestContext {
  getType(): string
  switchToHttp(): { getRequest(): unknown; getResponse(): unknown }
}

/** A `CanActivate` of Nest. */
export interface NestGuard {
  canActivate(context: NestContext): Promise<boolean>
}

type Asked<T> = MountedMessage & { readonly raw?: MountedMessage; auth?: T }
type Answering = ServerResponse & { readonly raw?: ServerResponse; hijack?(): void }

/** Protects controllers and routes: `@UseGuards(nestGuard(check))`, on Express and on Fastify. The access is `request.auth`; a throw of `check` goes to Nest. */
export function nestGuard<T>(check: Check<T>, options: NodeOptions = {}): NestGuard {
  const peers = peersOf(options)
  return {
    async canActivate(context) {
      if (context.getType() !== 'http') throw new TypeError(`nestGuard knows requests of HTTP, this is one of ${context.getType()}`)
      const [request, response] = [context.switchToHttp().getRequest() as Asked<T>, context.switchToHttp().getResponse() as Answering]
      const [incoming, outgoing] = [request.raw ?? request, response.raw ?? response]
      const verdict = await judge(check, incoming, targetOf(request), peers)
      if (verdict.kind === 'refused') {
        response.hijack?.()
        send(incoming, outgoing, verdict.reply, false, options.onError ?? toStderr)
        // Neither yes nor no: after a no Nest answers 403 itself, and after either a filter of the application may answer again.
        return new Promise<boolean>(() => {})
      }
      setHeaders(outgoing, verdict.headers)
      request.auth = verdict.access
      return true
    },
  }
}
