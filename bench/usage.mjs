/** What Linux tells of processor time. Elsewhere the answers are NaN, and nothing is repeated for them. */
import { readFileSync } from 'node:fs'

/** Seconds in which a process ran. */
export function processSeconds(pid) {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1].split(' ')
    return (Number(fields[11]) + Number(fields[12])) / 100
  } catch {
    return Number.NaN
  }
}

/** Seconds in which a core ran anything, what the machine under it took away included. */
export function coreSeconds(core) {
  try {
    const line = readFileSync('/proc/stat', 'utf8')
      .split('\n')
      .find((one) => one.startsWith(`cpu${core} `))
    const [user, nice, system, _idle, _wait, irq, softirq, steal] = line.split(' ').slice(1).map(Number)
    return (user + nice + system + irq + softirq + steal) / 100
  } catch {
    return Number.NaN
  }
}
