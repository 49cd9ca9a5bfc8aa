import { toFetch } from '@holdfast/mount/fetch'
import { bff } from './bff.ts'

/** A route handler for all that the backend for frontend answers. */
export const answer: (request: Request) => Promise<Response> = toFetch(
  async (request) => (await bff().handle(request)) ?? { status: 404, headers: {}, body: '' },
)
