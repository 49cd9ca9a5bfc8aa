/** @jsxImportSource preact */
import type { ComponentChildren, VNode } from 'preact'
import { useEffect, useMemo, useRef } from 'preact/hooks'
import type { World } from '../model.ts'
import { useRoute } from './browser.ts'
import { FlowPage } from './flow-page.tsx'
import { FlowsNav, StartPage } from './flows.tsx'
import { IssuerPage } from './issuer-page.tsx'
import { Brand } from './marks.tsx'
import { PastePage } from './paste-page.tsx'
import type { Catalog, Engine } from './ports.ts'
import type { Route } from './route.ts'
import { Runs } from './runs.ts'
import { NO_ANSWERS, redirectUri, useWorld } from './use-world.ts'
import { answersFromQuery, queryOf, type WorldAnswers } from './world.ts'

/** The whole page. */
export function App({ engine }: { readonly engine: Engine }): VNode {
  const state = useWorld()
  if (state.kind === 'loading')
    return (
      <Frame issuer={undefined}>
        <p class="loading" role="status">
          Looking for the server…
        </p>
      </Frame>
    )
  if (state.kind === 'asked') return <Asked engine={engine} answers={state.answers} problem={state.problem} />
  return <There engine={engine} world={state.world} />
}

/** Nothing can run yet, but a token can be read. */
function Asked({
  engine,
  answers,
  problem,
}: {
  readonly engine: Engine
  readonly answers: WorldAnswers
  readonly problem: string | undefined
}): VNode {
  const route = useRoute()
  useTitle(route, route.page === 'paste' ? 'Paste a token or proof' : 'Your issuer')
  return (
    <Frame issuer={undefined}>
      {route.page === 'paste' ? (
        <PastePage engine={engine} />
      ) : (
        <>
          <IssuerPage first={answers} problem={problem} redirectUri={redirectUri()} origin={location.origin} go={goTo} />
          <p class="sheet aside">
            Or <a href="#/paste">paste a token or proof</a>: that needs no server.
          </p>
        </>
      )}
    </Frame>
  )
}

function There({ engine, world }: { readonly engine: Engine; readonly world: World }): VNode {
  const route = useRoute()
  const catalog = useMemo(() => engine.open(world), [engine, world])
  const runs = useMemo(() => new Runs(catalog), [catalog])
  useEffect(() => () => runs.endAll(), [runs])
  useTitle(route, titleOf(route, catalog))
  return (
    <Frame issuer={world.issuer}>
      <div class={route.page === 'start' ? 'content' : 'content with-nav'}>
        {route.page !== 'start' && <FlowsNav flows={catalog.flows} route={route} />}
        <Page engine={engine} world={world} catalog={catalog} runs={runs} route={route} />
      </div>
    </Frame>
  )
}

interface PageProps {
  readonly engine: Engine
  readonly world: World
  readonly catalog: Catalog
  readonly runs: Runs
  readonly route: Route
}

function Page({ engine, world, catalog, runs, route }: PageProps): VNode {
  if (route.page === 'start') return <StartPage flows={catalog.flows} told={world.trace !== undefined} />
  if (route.page === 'paste') return <PastePage engine={engine} />
  if (route.page === 'issuer') {
    const first = answersFromQuery(location.search) ?? NO_ANSWERS
    return <IssuerPage first={first} problem={undefined} redirectUri={redirectUri()} origin={location.origin} go={goTo} />
  }
  const flow = catalog.flows.find(({ id }) => id === route.flow)
  if (flow === undefined)
    return (
      <div class="sheet">
        <h1 id="title" tabIndex={-1}>
          There is no such flow
        </h1>
        <p>
          <a href="#/">See all flows</a>
        </p>
      </div>
    )
  return <FlowPage key={flow.id} engine={engine} catalog={catalog} runs={runs} world={world} flow={flow} exchange={route.exchange} />
}

function Frame({ issuer, children }: { readonly issuer: string | undefined; readonly children: ComponentChildren }): VNode {
  const skip = (event: Event): void => {
    event.preventDefault()
    document.getElementById('title')?.focus()
  }
  return (
    <>
      <a class="skip" href="#title" onClick={skip}>
        Skip to the content
      </a>
      <header class="brand">
        <a class="brand-name" href="#/">
          <Brand />
          <span>Holdfast</span> <span class="quiet">Flow explorer</span>
        </a>
        {issuer !== undefined && (
          <p class="brand-issuer">
            <span class="quiet">Runs against</span> <code id="issuer-name">{issuer}</code>
          </p>
        )}
      </header>
      <main>{children}</main>
    </>
  )
}

/** Another page of the application: its heading takes the focus, as a new document would. */
function useTitle(route: Route, title: string): void {
  const beforeRef = useRef<string | undefined>(undefined)
  const place = route.page === 'flow' ? route.flow : route.page
  useEffect(() => {
    document.title = `${title} · Holdfast flow explorer`
    if (beforeRef.current !== undefined && beforeRef.current !== place) document.getElementById('title')?.focus()
    beforeRef.current = place
  }, [place, title])
}

function titleOf(route: Route, catalog: Catalog): string {
  if (route.page === 'paste') return 'Paste a token or proof'
  if (route.page === 'issuer') return 'Your issuer'
  if (route.page === 'start') return 'Run an OAuth flow for real'
  return catalog.flows.find(({ id }) => id === route.flow)?.title ?? 'There is no such flow'
}

/** The page begins anew with another world: nothing of the last one may stay. */
function goTo(answers: WorldAnswers): void {
  const query = queryOf(answers)
  // Not both: a reload would call off the way to the other address.
  if (query !== location.search) return location.assign(`${location.pathname}${query}#/`)
  location.hash = '#/'
  location.reload()
}
