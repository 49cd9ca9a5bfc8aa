/** What of a process is needed to end it: an argument, so that a test can end something else. */
export interface Endable {
  on(signal: 'SIGTERM' | 'SIGINT', listener: () => void): unknown
  exit(code: number): void
}

const SIGNALS = ['SIGTERM', 'SIGINT'] as const

/** One Ctrl-C reaches us twice where npm or our own shim passes on what the terminal has sent already; in milliseconds. */
const SAME_KEYSTROKE = 300

/**
 * Resolves at the first SIGTERM or SIGINT; from then on a second one ends the process at once, with the code
 * that a shell gives for that signal, because somebody is in a hurry.
 */
export function firstSignal(ending: Endable, now: () => number = () => performance.now()): Promise<(typeof SIGNALS)[number]> {
  return new Promise((resolve) => {
    let asked: { readonly by: string; readonly at: number } | undefined
    for (const signal of SIGNALS) {
      ending.on(signal, () => {
        if (asked === undefined) {
          asked = { by: signal, at: now() }
          resolve(signal)
        } else if (signal === 'SIGTERM' || asked.by !== 'SIGINT' || now() - asked.at > SAME_KEYSTROKE)
          ending.exit(signal === 'SIGINT' ? 130 : 143)
      })
    }
  })
}
