/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useState } from 'preact/hooks'
import { Input } from './input.tsx'
import { checkAnswers, type WorldAnswers } from './world.ts'

export interface IssuerPageProps {
  readonly first: WorldAnswers
  /** Why what the address names does not work. */
  readonly problem: string | undefined
  readonly redirectUri: string
  readonly origin: string
  readonly go: (answers: WorldAnswers) => void
}

/** Against whose server to run. The answers stand in the address, so that a link brings them back; this page keeps none. */
export function IssuerPage({ first, problem, redirectUri, origin, go }: IssuerPageProps): VNode {
  const [answers, setAnswers] = useState(first)
  const [asked, setAsked] = useState(first.issuer !== '')
  const faults = asked ? checkAnswers(answers) : {}
  const change = (name: keyof WorldAnswers) => (value: string) => setAnswers((before) => ({ ...before, [name]: value.trim() }))
  const submit = (event: Event): void => {
    event.preventDefault()
    setAsked(true)
    const [bad] = Object.keys(checkAnswers(answers))
    if (bad === undefined) go(answers)
    else document.getElementById(IDS[bad as keyof WorldAnswers])?.focus()
  }
  return (
    <div class="sheet">
      <h1 id="title" tabIndex={-1}>
        Your issuer
      </h1>
      <p class="lede">Run the flows against any authorization server that lets this page read its answers.</p>
      {problem !== undefined && (
        <p id="issuer-problem" class="notice of-failure" role="alert">
          {problem}
        </p>
      )}
      <form noValidate onSubmit={submit}>
        <Input
          id={IDS.issuer}
          label="Issuer"
          hint="Such as https://login.example.com"
          value={answers.issuer}
          fault={faults.issuer}
          change={change('issuer')}
        />
        <Input
          id={IDS.clientId}
          label="Client id"
          hint="Of a public client: no secret ever enters this page. Without one, no flow that signs in can run."
          value={answers.clientId}
          fault={faults.clientId}
          change={change('clientId')}
        />
        <Input
          id={IDS.api}
          label="API"
          hint="The address of a protected resource, to use the token at (RFC 8707). Optional."
          value={answers.api}
          fault={faults.api}
          change={change('api')}
        />
        <Input
          id={IDS.scope}
          label="Scope"
          hint="Of that API. Optional."
          value={answers.scope}
          fault={faults.scope}
          change={change('scope')}
        />
        <button type="submit" class="button primary" id="issuer-go">
          Use this issuer
        </button>
      </form>
      <section class="panel register" aria-labelledby="register-title">
        <h2 id="register-title">Register this page as the client</h2>
        <dl class="facts">
          <div>
            <dt>redirect_uri</dt>
            <dd>
              <code>{redirectUri}</code>
            </dd>
          </div>
          <div>
            <dt>Origin that CORS has to allow</dt>
            <dd>
              <code>{origin}</code>
            </dd>
          </div>
          <div>
            <dt>token_endpoint_auth_method</dt>
            <dd>
              <code>none</code>
            </dd>
          </div>
        </dl>
      </section>
    </div>
  )
}

const IDS: { readonly [Name in keyof WorldAnswers]: string } = { issuer: 'issuer', clientId: 'client-id', api: 'api', scope: 'scope' }
