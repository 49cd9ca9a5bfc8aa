/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { renderToString } from 'preact-render-to-string'
import { describe, expect, test } from 'vitest'
import type { RunView } from '../model.ts'
import { Asking } from './asking.tsx'
import { Attacks, score } from './attacks.tsx'
import { bindingOf } from './binding-rows.ts'
import { Binding } from './binding.tsx'
import { ReadingContext } from './context.ts'
import { Controls } from './controls.tsx'
import { layOut } from './diagram-layout.ts'
import { SequenceDiagram } from './diagram.tsx'
import { Findings } from './findings.tsx'
import { FlowsNav } from './flows.tsx'
import { Came, Sent } from './message.tsx'
import { Gone } from './notices.tsx'
import { PasteFindings } from './paste-page.tsx'
import { ATTACKS, FLOW, resultOf, scripted } from './test/scripted-engine.ts'
import { ATTACK_EXCHANGES, EXCHANGES, JKT, THIEFS_JKT } from './test/scripted-messages.ts'
import { TextTwin } from './twin.tsx'
import { Waiting } from './waiting.tsx'

const sent = [...EXCHANGES, ...Object.values(ATTACK_EXCHANGES)]
const threads = await scripted.thread(sent)
const names = new Map(FLOW.lanes.map(({ id, name }) => [id as string, name]))
const picture = {
  flow: FLOW.id,
  title: FLOW.title,
  names,
  shown: 'e3',
  diagram: layOut({ lanes: FLOW.lanes, exchanges: sent, threads, width: 900 }),
}
const links = (html: string): readonly (string | undefined)[] => [...html.matchAll(/href="(#\/[^"]*)"/g)].map(([, href]) => href)
const read = (node: VNode): string =>
  renderToString(<ReadingContext.Provider value={{ engine: scripted, threads }}>{node}</ReadingContext.Provider>)
const nothing = (): void => undefined
const view = (part: Partial<RunView>): RunView => ({
  flow: FLOW.id,
  done: 0,
  exchanges: [],
  attacks: [],
  busy: false,
  waiting: undefined,
  failed: undefined,
  ...part,
})
const e = (id: string): (typeof EXCHANGES)[number] => {
  const one = sent.find((exchange) => exchange.id === id)
  if (one === undefined) throw new Error(id)
  return one
}

describe('picture and text', () => {
  test('have a link for each message, in the same order, and say which is shown', () => {
    const [drawn, told] = [renderToString(<SequenceDiagram {...picture} />), renderToString(<TextTwin {...picture} />)]
    expect(links(drawn)).toEqual(sent.map(({ id }) => `#/code-dpop/${id}`))
    expect(links(told)).toEqual(links(drawn))
    for (const html of [drawn, told]) expect(html.match(/aria-current="true"/g)).toHaveLength(1)
  })

  test('say each arrow in words, the thief by name', () => {
    const html = renderToString(<SequenceDiagram {...picture} />)
    expect(html).toContain(
      '3. Push the request again, with the nonce. POST /par from This page as client to Authorization server. Passed: 201 Created. 12 checks passed.',
    )
    expect(html).toContain('GET /notes from the thief to Notes API. Refused: 401 invalid_token.')
    expect(renderToString(<TextTwin {...picture} />)).toContain('Thief')
  })
})

describe('what a message holds', () => {
  test('each parameter has its value, its line and its section', () => {
    const html = read(<Sent exchange={e('e3')} />)
    expect(html).toMatch(/<dt>dpop_jkt<\/dt>.*<mark class="same">0ZcOC.*The thumbprint of the key.*RFC 9449 §10/)
    expect(html).toContain('Take apart: DPoP proof')
    expect(read(<Came exchange={e('e4')} />)).toContain('In the redirect')
  })

  test('what comes from outside is text', () => {
    const evil = { ...e('e3'), request: { ...e('e3').request, headers: [['x', '<img src=x onerror=alert(1)>']] as const } }
    expect(read(<Sent exchange={evil} />)).not.toContain('<img')
  })

  test('findings stand by what they are about, with rule and reason', () => {
    const html = read(<Findings exchange={e('x1')} receiver="Notes API" />)
    expect(html.match(/<h4>/g)).toHaveLength(1)
    expect(html).toMatch(/Refused: .*scheme.*DPOP-22.*show it with the DPoP scheme/)
  })

  test('a receiver that does not tell is not said to have checked nothing, and what this page verified stands apart', () => {
    expect(read(<Findings exchange={e('x2')} receiver="Notes API" />)).toContain('This receiver does not tell what it checked')
    expect(read(<Findings exchange={e('e1')} receiver="Server" />)).toMatch(
      /It had nothing to check here.*What this page verified.*issuer is the one asked/,
    )
  })

  test('the binding marks equal values, and says where another key is', () => {
    const steps = new Set(FLOW.steps.map(({ id }) => id))
    const html = read(<Binding told={bindingOf(threads, sent, e('x2'), steps)} />)
    expect(html).toContain(`<mark class="same">${JKT}</mark>`)
    expect(html.match(/= the same key/g)?.length).toBeGreaterThan(2)
    expect(html).toMatch(new RegExp(`${THIEFS_JKT}.*another key`))
    expect(read(<Binding told={bindingOf(threads, sent, e('e1'), steps)} />)).toBe('')
  })
})

describe('the thief', () => {
  const shown = (part: Partial<RunView>): string =>
    renderToString(<Attacks flow={FLOW} attacks={ATTACKS} view={view(part)} attack={nothing} />)
  const tried = Object.entries(ATTACK_EXCHANGES).map(([id, one]) => resultOf(id, one))

  test('may try what its step allows; the rest says when', () => {
    expect(shown({ done: 3 })).not.toContain('<button')
    expect(shown({ done: 3 })).toContain('after step 4')
    expect(shown({ done: 4 }).match(/>Try it</g)).toHaveLength(3)
  })

  test('is told which check caught it, that it got in, or that nothing is known', () => {
    const html = shown({ done: 5, attacks: tried })
    expect(html).toMatch(/The thief was refused.*Caught by access token: <strong>scheme<\/strong>.*DPOP-22.*A server without this check/)
    expect(html).toMatch(/The thief got in\..*This server did not stop it/)
    expect(html).toContain('No answer came, so nothing is shown by it')
    expect(score(tried)).toBe('3 tried, 1 refused, 1 got in, 1 without an answer')
  })

  test('has to wait while something is under way', () => {
    expect(shown({ done: 5, busy: true }).match(/aria-disabled="true"/g)).toHaveLength(4)
  })
})

describe('the run', () => {
  const controls = (part: Partial<RunView>, at: number): string =>
    renderToString(
      <Controls
        flow={FLOW}
        view={view(part)}
        playing={false}
        at={at}
        step={nothing}
        play={nothing}
        pause={nothing}
        show={nothing}
        over={nothing}
      />,
    )
  const off = (html: string): readonly (string | undefined)[] =>
    [...html.matchAll(/id="(\w+)"[^>]*aria-disabled="true"/g)].map(([, id]) => id)

  test('offers what can be done', () => {
    expect(off(controls({}, -1))).toEqual(['back', 'forward'])
    expect(off(controls({ done: 2, exchanges: EXCHANGES.slice(0, 3) }, 1))).toEqual([])
    expect(off(controls({ done: 2, busy: true, exchanges: EXCHANGES.slice(0, 3) }, 2))).toEqual(['next', 'run', 'forward'])
    expect(off(controls({ done: 5, exchanges: EXCHANGES }, 5))).toEqual(['next', 'run', 'forward'])
    expect(off(controls({ done: 1, failed: { say: '', remedy: '' }, exchanges: EXCHANGES.slice(0, 1) }, 0))).toEqual([
      'next',
      'run',
      'back',
      'forward',
    ])
  })

  test('a window opens by a button, and for web addresses alone', () => {
    const waiting = (url: string): string =>
      renderToString(<Waiting url={url} say="Sign in." username="ada" open={() => true} giveUp={nothing} />)
    expect(waiting('https://a.example/authorize')).toContain('id="person"')
    expect(waiting('javascript:alert(1)')).not.toMatch(/id="person"|href=/)
  })

  test('what a browser or a backend sent is said to be no request of this page', () => {
    const [first] = EXCHANGES
    const sent = (from: 'browser' | 'client'): string =>
      first === undefined ? '' : renderToString(<Sent exchange={{ ...first, from, front: true }} />)
    expect(sent('browser')).toContain('Your browser went there itself.')
    expect(sent('client')).toContain('This page did not send it.')
  })

  test('a password is not shown while it is typed', () => {
    const asking = (secret: boolean): string =>
      renderToString(<Asking question={{ name: 'password', label: 'Your password', secret }} answer={nothing} giveUp={nothing} />)
    expect(asking(true)).toContain('type="password"')
    expect(asking(false)).toContain('type="text"')
  })

  test('a link into a run that is gone says so', () => {
    expect(renderToString(<Gone begun={false} again={nothing} />)).toContain('The run ended with the page')
    expect(renderToString(<Gone begun again={nothing} />)).toContain('no such message in this run')
  })
})

test('a flow that cannot run stays in the list, with its reason', () => {
  const html = renderToString(<FlowsNav flows={scripted.open({ issuer: '', redirectUri: '' }).flows} route={{ page: 'start' }} />)
  expect(html).toMatch(/href="#\/mcp".*No MCP server is named/)
})

test('of something pasted, what must be refused stands first', () => {
  const html = renderToString(
    <PasteFindings
      findings={[
        { state: 'good', say: 'fine', section: 'A' },
        { state: 'bad', say: 'expired', section: 'B' },
      ]}
    />,
  )
  expect(html).toMatch(/1 reason.*Must be refused: .*expired.*In order: .*fine/)
})
