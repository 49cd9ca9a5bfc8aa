import { type Access, createGuard, type Guard, type Need } from '@holdfast/guard'
import { fetchGuard } from '@holdfast/mount/fetch'
import { settings } from './settings.ts'

let made: Guard | undefined

function guard(): Guard {
  const { issuer, url } = settings()
  return (made ??= createGuard({ issuer, resource: `${url}/notes`, dpopRequired: true }))
}

/** A route handler that runs only for a token that is enough. */
export function guarded(need: Need, route: (request: Request, access: Access) => Response): (request: Request) => Promise<Response> {
  return fetchGuard((request) => guard().check(request, need), route)
}
