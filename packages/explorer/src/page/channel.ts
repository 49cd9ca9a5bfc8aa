/** How the answer of the authorization endpoint comes from the window of the person to the page: same origin, and no storage. */

const CHANNEL = 'holdfast-explorer'

/** What the callback page was called with. */
export interface BrowserAnswer {
  /** Without `?`. */
  readonly query: string
  /** Without `#`. */
  readonly fragment: string
}

type Word = ({ readonly kind: 'answer'; readonly id: string } & BrowserAnswer) | { readonly kind: 'heard'; readonly id: string }

/**
 * Listens for answers. Several pages may be open: an answer that is not this page's (its `state` tells) is left for another.
 *
 * @param take returns true when the answer is its own
 * @returns ends it
 */
export function hearAnswers(take: (answer: BrowserAnswer) => boolean): () => void {
  const channel = new BroadcastChannel(CHANNEL)
  channel.addEventListener('message', ({ data }: MessageEvent<unknown>): void => {
    const word = asWord(data)
    if (word?.kind !== 'answer' || !take({ query: word.query, fragment: word.fragment })) return
    channel.postMessage({ kind: 'heard', id: word.id } satisfies Word)
  })
  return () => channel.close()
}

/** Tells the answer. Resolves to whether anybody took it within the time, in milliseconds. */
export async function tellAnswer(answer: BrowserAnswer, patience: number): Promise<boolean> {
  const channel = new BroadcastChannel(CHANNEL)
  const id = crypto.randomUUID()
  try {
    return await new Promise((resolve) => {
      channel.addEventListener('message', ({ data }: MessageEvent<unknown>): void => {
        const word = asWord(data)
        if (word?.kind === 'heard' && word.id === id) resolve(true)
      })
      channel.postMessage({ kind: 'answer', id, ...answer } satisfies Word)
      setTimeout(() => resolve(false), patience)
    })
  } finally {
    channel.close()
  }
}

function asWord(data: unknown): Word | undefined {
  if (typeof data !== 'object' || data === null) return undefined
  const { kind, id, query, fragment } = data as Readonly<Record<string, unknown>>
  if (typeof id !== 'string') return undefined
  if (kind === 'heard') return { kind, id }
  return kind === 'answer' && typeof query === 'string' && typeof fragment === 'string' ? { kind, id, query, fragment } : undefined
}
