import { type Access, createGuard, type Guard, type Need } from '@holdfast/guard'
import { fetchGuard } from '@holdfast/mount/fetch'
import { settings } from './settings.ts'

/** One for all routes: each is a bundle with modules of its own, and a proof that one has seen is used for all. */
const shared = globalThis as typeof globalThis & { holdfastGuard?: Guard }

export function guard(): Guard {
  const { issuer, url } = settings()
  return (shared.holdfastGuard ??= createGuard({ issuer, resource: `${url}/notes`, dpopRequired: true }))
}

/** A route handler that runs only for a token that is enough. */
export function guarded(need: Need, route: (request: Request, access: Access) => Response): (request: Request) => Promise<Response> {
  return fetchGuard((request) => guard().check(request, need), route)
}
