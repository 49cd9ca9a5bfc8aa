/** @jsxImportSource preact */
import { render, type VNode } from 'preact'
import { useRef, useState } from 'preact/hooks'
import type { Exchange } from '../model.ts'
import { SequenceDiagram, type DiagramProps } from './diagram.tsx'
import { download, standalone, toPng } from './picture.ts'
import type { Engine } from './ports.ts'

export interface ExportProps {
  readonly exchanges: readonly Exchange[]
  readonly engine: Pick<Engine, 'har' | 'curl'>
  /** The picture at a width of its own, with nothing chosen in it. */
  readonly picture: DiagramProps
}

export function Export({ exchanges, engine, picture }: ExportProps): VNode {
  const menuRef = useRef<HTMLDetailsElement>(null)
  const [fault, setFault] = useState('')
  const { flow } = picture
  const give = (name: string, make: () => Blob | Promise<Blob>): (() => void) => {
    return () => {
      setFault('')
      void Promise.resolve()
        .then(make)
        .then((blob) => download(`${flow}.${name}`, blob))
        .catch((error: unknown) => setFault(`The file was not made: ${error instanceof Error ? error.message : String(error)}.`))
    }
  }
  const drawn = (): string => drawApart(picture)
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.key !== 'Escape' || menuRef.current === null) return
    menuRef.current.open = false
    menuRef.current.querySelector('summary')?.focus()
  }
  return (
    <details id="export" class="menu" ref={menuRef} onKeyDown={onKeyDown}>
      <summary class="button">Export</summary>
      <div class="menu-list">
        <button type="button" id="export-har" onClick={give('har', () => new Blob([engine.har(exchanges)], { type: 'application/json' }))}>
          HTTP Archive <span class="quiet">.har</span>
        </button>
        <button
          type="button"
          id="export-curl"
          onClick={give(
            'sh',
            () =>
              new Blob(
                [
                  exchanges
                    .filter(({ front }) => !front)
                    .map(engine.curl)
                    .join('\n\n'),
                ],
                { type: 'text/plain' },
              ),
          )}
        >
          curl commands <span class="quiet">.sh</span>
        </button>
        <button type="button" id="export-svg" onClick={give('svg', () => new Blob([drawn()], { type: 'image/svg+xml' }))}>
          Picture <span class="quiet">.svg</span>
        </button>
        <button type="button" id="export-png" onClick={give('png', () => toPng(drawn(), picture.diagram.width, picture.diagram.height))}>
          Picture <span class="quiet">.png</span>
        </button>
        <p class="quiet">Files hold the keys' proofs and tokens of this run. They work until they expire.</p>
        {fault !== '' && <p role="alert">{fault}</p>}
      </div>
    </details>
  )
}

/** Drawn anew out of sight: the page may show the text instead, or a width that suits a phone. */
function drawApart(picture: DiagramProps): string {
  const place = document.createElement('div')
  place.className = 'out-of-sight'
  document.body.append(place)
  try {
    render(<SequenceDiagram {...picture} />, place)
    const svg = place.querySelector('svg')
    if (svg === null) throw new Error('there is no picture')
    return standalone(svg, getComputedStyle(place).getPropertyValue('background-color'))
  } finally {
    render(null, place)
    place.remove()
  }
}
