import type { Metadata } from './hand.ts'
import type { Lane, World } from './model.ts'
import type { Scene } from './scene.ts'

export interface FlowStep {
  /** Names it within its flow. Attacks say after which step they are possible. */
  readonly id: string
  readonly title: string
  /** For somebody who never read an RFC. */
  readonly say: string
  readonly standard: string
  /** @throws {Fault} it cannot be done */
  run(scene: Scene): Promise<void>
}

export interface Flow {
  readonly id: string
  readonly title: string
  readonly say: string
  readonly standards: readonly string[]
  /** Who plays the client: this page, or a back end that can keep a key or is no page. */
  readonly by: 'page' | 'backend'
  readonly lanes: readonly Lane[]
  readonly steps: readonly FlowStep[]
  /** Why it cannot run here, in a sentence; undefined: it can. Without metadata only the world is asked. */
  missing(world: World, metadata?: Metadata): string | undefined
}

/** Asks in turn; the first that misses something says so. */
export function firstMissing(...reasons: readonly (string | undefined)[]): string | undefined {
  return reasons.find((reason) => reason !== undefined)
}

export function lacks(value: string | undefined, say: string): string | undefined {
  return value === undefined || value === '' ? say : undefined
}

/** A member of the metadata that the flow needs. */
export function lacksEndpoint(metadata: Metadata | undefined, name: string): string | undefined {
  return metadata === undefined || typeof metadata[name] === 'string' ? undefined : `The server announces no ${name}.`
}

/** A value that a list of the metadata must have; a list that is not there announces nothing. */
export function lacksValue(metadata: Metadata | undefined, name: string, value: string): string | undefined {
  if (metadata === undefined) return undefined
  const list = metadata[name]
  return Array.isArray(list) && list.includes(value) ? undefined : `The server does not list ${value} in ${name}.`
}

export function lanesOf(client: string, api = 'The API'): readonly Lane[] {
  return [
    { id: 'browser', name: 'The person’s browser' },
    { id: 'client', name: client },
    { id: 'server', name: 'Authorization server' },
    { id: 'api', name: api },
  ]
}

/** Of flows without a browser. */
export function lanesWithoutBrowser(client: string): readonly Lane[] {
  return lanesOf(client).filter(({ id }) => id !== 'browser')
}

/** Userinfo does where there is no API: only a server that has neither leaves nothing to call. */
export function lacksApi({ api }: World, metadata: Metadata | undefined): string | undefined {
  return api !== undefined || metadata === undefined || typeof metadata['userinfo_endpoint'] === 'string' ? undefined : NO_API
}

const NO_API = 'This world has no API to call.'
export const NO_CLIENT = 'This world has no public client whose part the page could play.'
export const NO_BFF = 'This world has no page with a backend for frontend: start the example.'
export const NO_TRACE =
  'What a backend sends is seen by its receivers alone, and they tell nothing here: that is for development, on this machine.'
export const NO_BACKEND = 'This flow needs a client that can keep a key: start the example’s back end.'
