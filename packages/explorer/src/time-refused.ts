import { clockOff, Fault } from './faults.ts'
import type { Scene } from './scene.ts'

const TIME = /\b(iat|exp|nbf|clock|expired|issued at)\b/i

/** Where the last answer is a refusal for a time, the cause is a clock: ours, as far as `Date` of the server can tell. */
export function aboutTime(scene: Scene, fault: Fault): Fault | undefined {
  const { response, findings } = scene.exchanges.at(-1) ?? {}
  const refused = findings?.findLast((one) => one.refused !== undefined)
  const told = [fault.say, response?.body ?? '', refused?.check ?? '', ...(response?.headers ?? []).flat()].join(' ')
  const refusedForTime = (response?.status ?? 0) >= 400 || fault.say.startsWith('The client does not take')
  if (!refusedForTime || !TIME.test(told)) return undefined
  return clockOff(scene.skew) ?? proofTime(fault, told)
}

/** A page of another origin cannot read `Date`: then the refusal is all there is. */
function proofTime(fault: Fault, told: string): Fault | undefined {
  return /invalid_dpop_proof/.test(told)
    ? new Fault(fault.say, 'The server finds the time in the proof wrong. Compare this clock with the server’s, then begin a new run.')
    : undefined
}
