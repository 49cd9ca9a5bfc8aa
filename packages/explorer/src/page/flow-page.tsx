/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useEffect, useMemo, useRef, useState } from 'preact/hooks'
import type { World } from '../model.ts'
import { Attacks } from './attacks.tsx'
import { Asking } from './asking.tsx'
import { bindingOf } from './binding-rows.ts'
import { goTo, isNarrow, openForPerson, scrollTo } from './browser.ts'
import { ReadingContext } from './context.ts'
import { Controls, Progress } from './controls.tsx'
import { Detail } from './detail.tsx'
import { Failed, Gone, Unavailable } from './notices.tsx'
import type { Catalog, Engine, Thread, ToldFlow } from './ports.ts'
import { linkTo } from './route.ts'
import type { Runs } from './runs.ts'
import { Stage } from './stage.tsx'
import { useRun } from './use-run.ts'
import { Waiting } from './waiting.tsx'

export interface FlowPageProps {
  readonly engine: Engine
  readonly catalog: Catalog
  readonly runs: Runs
  readonly world: World
  readonly flow: ToldFlow
  /** From the address; undefined: the newest. */
  readonly exchange: string | undefined
}

export function FlowPage({ engine, catalog, runs, world, flow, exchange: wanted }: FlowPageProps): VNode {
  const run = useRun(runs, flow)
  const { view } = run
  const exchanges = useMemo(() => view?.exchanges ?? [], [view])
  const attacks = useMemo(() => catalog.attacks.filter((attack) => attack.flow === flow.id), [catalog, flow])
  const names = useMemo(() => new Map(flow.lanes.map(({ id, name }) => [id as string, name])), [flow])
  const [threads, setThreads] = useState<readonly Thread[]>([])
  const [asText, setAsText] = useState(isNarrow)
  const heading = useRef<HTMLHeadingElement>(null)

  useEffect(() => {
    let late = false
    void engine.thread(exchanges).then((found) => late || setThreads(found))
    return () => void (late = true)
  }, [engine, exchanges])

  // After an attack the message that decided is what to look at, whatever came behind it.
  const newest = exchanges.at(-1)
  const last = view?.attacks.at(-1)
  const latest = last !== undefined && last.attack === newest?.step && last.exchange !== '' ? last.exchange : newest?.id
  const at = exchanges.findIndex(({ id }) => id === (wanted ?? latest))
  const shown = exchanges[at]
  const result = view?.attacks.findLast((one) => one.exchange === shown?.id)
  const told = attacks.find(({ id }) => id === result?.attack)
  const decided = result === undefined || told === undefined ? undefined : { told, result }
  const bindings = shown === undefined ? [] : bindingOf(threads, exchanges, shown, new Set(flow.steps.map(({ id }) => id)))
  const theirs = view?.waiting !== undefined || view?.asking !== undefined
  const newestId = newest?.id
  const ofAttack = attacks.some(({ id }) => id === newest?.step)
  useEffect(() => {
    // Who pressed in the card of an attack stays there: what came of it is told there.
    // And while a person reads what she has to do, a client that asks again and again must not take it out of her sight.
    if (newestId !== undefined && !ofAttack && !theirs) scrollTo(`arrow-${newestId}`)
  }, [newestId, ofAttack, theirs])
  const firstRef = useRef(last)
  useEffect(() => {
    // Again when the threads are known: what stands above it grows by them.
    if (last !== undefined && last !== firstRef.current && ofAttack) scrollTo(`result-${last.attack}`)
  }, [last, threads, ofAttack])
  useEffect(() => document.getElementById('detail')?.scrollTo(0, 0), [shown?.id])
  useEffect(() => {
    if (view?.waiting !== undefined) scrollTo('waiting')
  }, [view?.waiting])

  const follow = (): void => {
    if (wanted !== undefined) goTo(linkTo(flow.id))
  }
  const begin = (go: () => void) => (): void => {
    follow()
    go()
  }
  // Who goes to an arrow wants to read: the detail takes the focus, from wherever its link was pressed.
  const clicked = (event: MouseEvent): void => {
    const link = event.target instanceof Element ? event.target.closest('a[href^="#/"]') : null
    const [, , id] = link?.getAttribute('href')?.split('/') ?? []
    if (id !== undefined) requestAnimationFrame(() => requestAnimationFrame(() => heading.current?.focus()))
  }

  if (flow.missing !== undefined) return <Unavailable flow={flow} />
  return (
    <ReadingContext.Provider value={{ engine, threads }}>
      <div class="flow-page" onClick={clicked}>
        <div class="flow-main">
          <header class="flow-head">
            <a class="to-flows" href="#/">
              <span aria-hidden="true">‹</span> All flows
            </a>
            <h1 id="title" tabIndex={-1}>
              {flow.title}
            </h1>
            <p class="lede">{flow.say}</p>
          </header>
          <div class="helm">
            <Controls
              flow={flow}
              view={view}
              playing={run.playing}
              at={at}
              step={begin(run.step)}
              play={begin(run.play)}
              pause={run.pause}
              show={(index) => goTo(linkTo(flow.id, exchanges[index]?.id))}
              over={begin(run.over)}
            />
            <Progress flow={flow} view={view} />
          </div>
          <p id="news" class="unseen" role="status">
            {run.news}
          </p>
          {wanted !== undefined && shown === undefined && <Gone begun={view !== undefined} again={begin(run.over)} />}
          {view?.waiting !== undefined && (
            <Waiting key={view.waiting.url} {...view.waiting} username={world.username} open={openForPerson} giveUp={run.cancel} />
          )}
          {view?.asking !== undefined && <Asking key={view.asking.name} question={view.asking} answer={run.answer} giveUp={run.cancel} />}
          {view?.failed !== undefined && <Failed {...view.failed} again={begin(run.over)} />}
          <Stage
            engine={engine}
            flow={flow}
            exchanges={exchanges}
            threads={threads}
            names={names}
            shown={shown?.id}
            asText={asText}
            setAsText={setAsText}
          />
        </div>
        <Detail
          key={flow.id}
          exchange={shown}
          some={exchanges.length > 0}
          number={at + 1}
          names={names}
          bindings={bindings}
          decided={decided}
          heading={heading}
        />
        <Attacks flow={flow} attacks={attacks} view={view} attack={(id) => begin(() => run.attack(id))()} />
      </div>
    </ReadingContext.Provider>
  )
}
