/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { Exchange } from '../model.ts'
import { useWidth } from './browser.ts'
import { layOut } from './diagram-layout.ts'
import { SequenceDiagram } from './diagram.tsx'
import { Export } from './export.tsx'
import { Legend } from './legend.tsx'
import type { Engine, Thread, ToldFlow } from './ports.ts'
import { TextTwin } from './twin.tsx'

export interface StageProps {
  readonly engine: Engine
  readonly flow: ToldFlow
  readonly exchanges: readonly Exchange[]
  readonly threads: readonly Thread[]
  readonly names: ReadonlyMap<string, string>
  readonly shown: string | undefined
  readonly asText: boolean
  readonly setAsText: (asText: boolean) => void
}

const FIRST_WIDTH = 640
const EXPORTED_WIDTH = 960
/** A picture wider than its place is moved by the arrow keys, so they must be able to get there, before there is any link in it too. */
const SCROLLED = { role: 'group', 'aria-labelledby': 'stage-title', tabIndex: 0 } as const

/** What went over the wire, as picture or as text. Up and down go from message to message, as Tab does. */
export function Stage(props: StageProps): VNode {
  const { engine, flow, exchanges, threads, names, shown, asText, setAsText } = props
  const [place, width] = useWidth(FIRST_WIDTH)
  const drawn = (wide: number): Parameters<typeof SequenceDiagram>[0] => ({
    flow: flow.id,
    title: flow.title,
    diagram: layOut({ lanes: flow.lanes, exchanges, threads, width: wide }),
    names,
    shown,
  })
  const scrolls = !asText && drawn(width).diagram.width > width
  const onKeyDown = (event: KeyboardEvent): void => {
    const way = { ArrowDown: 1, ArrowUp: -1 }[event.key]
    if (way === undefined || !(event.currentTarget instanceof HTMLElement)) return
    const links = [...event.currentTarget.querySelectorAll<SVGAElement | HTMLAnchorElement>('a[id^="arrow-"]')]
    const next = links[links.findIndex((link) => link === document.activeElement) + way]
    if (next === undefined || !links.some((link) => link === document.activeElement)) return
    event.preventDefault()
    next.focus()
  }
  return (
    <section class="panel stage" aria-labelledby="stage-title">
      <header class="stage-head">
        <h2 id="stage-title">On the wire</h2>
        <button type="button" class="button" id="as-text" aria-pressed={asText} onClick={() => setAsText(!asText)}>
          As text
        </button>
        {exchanges.length > 0 && <Export exchanges={exchanges} engine={engine} picture={{ ...drawn(EXPORTED_WIDTH), shown: undefined }} />}
      </header>
      <div id="diagram" class="diagram" ref={place} onKeyDown={onKeyDown} {...(scrolls && SCROLLED)}>
        {asText ? (
          exchanges.length === 0 ? (
            <p class="quiet">Nothing was sent yet.</p>
          ) : (
            <TextTwin {...drawn(width)} />
          )
        ) : (
          <SequenceDiagram {...drawn(width)} />
        )}
      </div>
      <Legend threads={drawn(width).diagram.threads} />
    </section>
  )
}
