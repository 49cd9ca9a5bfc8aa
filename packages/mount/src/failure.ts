import { json, type Reply } from '@holdfast/protocol/http'

/** Something before the mount read the body and kept only its own reading of it, which cannot be undone exactly. */
export class BodyTaken extends Error {
  override readonly name = 'BodyTaken'
  constructor() {
    super(
      'the request body was already read: mount this handler before body parsers (express.urlencoded, c.req.parseBody), or keep the bytes as req.rawBody',
    )
  }
}

/** What a check gets that reads the body: its route could not read it again. */
export function bodyOfRoute(): Error {
  return new Error('a check does not read the body: it belongs to the route')
}

/** The client left before its body was complete. Nobody is there to answer, and nothing is wrong here. */
export class Aborted extends Error {
  override readonly name = 'Aborted'
  constructor() {
    super('the client closed the connection before its request was complete')
  }
}

/** A throw is a bug or an outage: the client learns that it happened. Only the mounting mistake explains itself, since it tells nothing. */
export function failure(error: unknown): Reply {
  return json(500, error instanceof BodyTaken ? { error: 'server_error', error_description: error.message } : { error: 'server_error' })
}

export type OnError = (error: unknown) => void

/** Without `onError` a fault is at least seen by whoever reads the process's output. */
export const toStderr: OnError = (error) => console.error(error)

/** What nobody answers. */
export function notFound(): Reply {
  return json(404, { error: 'not_found', error_description: 'there is nothing at this path' })
}
