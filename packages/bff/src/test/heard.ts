import type { Finding } from '@holdfast/protocol/witness'
import { hosting, SHOP, type World } from './world.ts'

export interface Heard {
  /** Of all requests since it was last forgotten. */
  readonly findings: readonly Finding[]
  names(): readonly string[]
  forget(): void
}

/** Sets a witness on every request to the application. */
export function hearing(world: World): Heard {
  const findings: Finding[] = []
  const answer = hosting(world.bff)
  const witness = { value: (finding: Finding) => findings.push(finding) }
  world.net.host(SHOP, (request) => answer(Object.create(request, { witness }) as typeof request))
  return {
    findings,
    names: () => findings.map(({ about, check }) => `${about}: ${check}`),
    forget: () => void findings.splice(0),
  }
}
