/** @jsxImportSource preact */
import type { VNode } from 'preact'
import type { ToldFlow } from './ports.ts'
import { linkTo, type Route } from './route.ts'

/** The way around the page, beside a flow. */
export function FlowsNav({ flows, route }: { readonly flows: readonly ToldFlow[]; readonly route: Route }): VNode {
  const here = (is: boolean): { readonly 'aria-current'?: 'page' } => (is ? { 'aria-current': 'page' } : {})
  return (
    <nav id="flows" class="nav" aria-label="Flows">
      <h2>Flows</h2>
      <ul>
        {flows.map((flow) => (
          <li>
            <a
              class={flow.missing === undefined ? undefined : 'missing'}
              href={linkTo(flow.id)}
              {...here(route.page === 'flow' && route.flow === flow.id)}
            >
              {flow.title}
              {flow.missing !== undefined && <span class="why-not">{flow.missing}</span>}
            </a>
          </li>
        ))}
      </ul>
      <h2>Tools</h2>
      <ul>
        <li>
          <a href="#/paste" {...here(route.page === 'paste')}>
            Paste a token or proof
          </a>
        </li>
        <li>
          <a href="#/issuer" {...here(route.page === 'issuer')}>
            Your issuer
          </a>
        </li>
      </ul>
    </nav>
  )
}

/** The first page: what this is, and every flow with a sentence. */
export function StartPage({ flows, told }: { readonly flows: readonly ToldFlow[]; readonly told: boolean }): VNode {
  return (
    <div class="start">
      <h1 id="title" tabIndex={-1}>
        Run an OAuth flow for real
      </h1>
      <p class="lede">
        Pick a flow and go through it step by step against the running server. Every message is taken apart
        {told
          ? ', every check of the server is told, and you may play the thief and see which check stops you.'
          : ', and you may play the thief. This server does not tell what it checks: what this page verified is told instead.'}
      </p>
      <ul id="flows" class="cards">
        {flows.map((flow) => (
          <li class={flow.missing === undefined ? 'card' : 'card missing'}>
            <h2>
              <a href={linkTo(flow.id)}>{flow.title}</a>
            </h2>
            <p>{flow.say}</p>
            {flow.missing === undefined ? (
              <p class="quiet">
                {flow.steps.length} steps · {flow.lanes.map(({ name }) => name).join(', ')}
              </p>
            ) : (
              <p class="why-not">
                <strong>It cannot run here.</strong> {flow.missing}
              </p>
            )}
          </li>
        ))}
        <li class="card tool">
          <h2>
            <a href="#/paste">Paste a token or proof</a>
          </h2>
          <p>Take apart a JWT of your own. It is read in this page and sent nowhere.</p>
        </li>
        <li class="card tool">
          <h2>
            <a href="#/issuer">Your issuer</a>
          </h2>
          <p>Run the flows against a server of your own.</p>
        </li>
      </ul>
    </div>
  )
}
