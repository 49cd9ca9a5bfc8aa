/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useEffect, useMemo, useState } from 'preact/hooks'
import { ReadingContext } from './context.ts'
import { Input } from './input.tsx'
import { JwtParts } from './jwt.tsx'
import { MarkIcon } from './marks.tsx'
import type { Engine, PasteOptions, PasteFinding } from './ports.ts'
import { JwtText } from './value.tsx'

/** So long nobody pauses within a name. */
const TYPED = 700
const NOTHING_SAID: PasteOptions = { method: '', url: '', issuer: '', audience: '', accessToken: '' }

export function PastePage({ engine }: { readonly engine: Engine }): VNode {
  const [text, setText] = useState('')
  const [options, setOptions] = useState(NOTHING_SAID)
  const [findings, setFindings] = useState<readonly PasteFinding[]>([])
  const found = engine.jwtIn(text)
  const jwt = useMemo(() => (found === undefined ? undefined : engine.dissect(found)), [engine, found])

  useEffect(() => {
    let late = false
    const look = (): void => void engine.paste(text, options).then((said) => late || setFindings(said))
    if (found === undefined) setFindings([])
    else if (options.issuer === '') look()
    // The issuer is asked for its keys when its name is whole: half of a name is somebody else's.
    const timer = found === undefined || options.issuer === '' ? undefined : setTimeout(look, TYPED)
    return () => {
      late = true
      clearTimeout(timer)
    }
  }, [engine, found, text, options])

  const change = (name: keyof PasteOptions) => (value: string) => setOptions((before) => ({ ...before, [name]: value.trim() }))
  return (
    <ReadingContext.Provider value={{ engine, threads: [] }}>
      <div class="sheet paste">
        <h1 id="title" tabIndex={-1}>
          Paste a token or proof
        </h1>
        <p class="lede">
          An access token, ID token, DPoP proof, client assertion or request object. It is read in this page, sent nowhere and not kept.
        </p>
        <div class="field">
          <label for="paste-text">The JWT, or a header that has it</label>
          <textarea
            id="paste-text"
            rows={5}
            spellcheck={false}
            autocapitalize="none"
            autocomplete="off"
            value={text}
            onInput={(event) => setText(event.currentTarget.value)}
          />
        </div>
        <details class="where">
          <summary>Where is it shown? Then more can be checked.</summary>
          <div class="field-grid">
            <Input id="paste-method" label="Method of the request" hint="Such as POST" value={options.method} change={change('method')} />
            <Input id="paste-url" label="Address of the request" value={options.url} change={change('url')} />
            <Input id="paste-issuer" label="Issuer" value={options.issuer} change={change('issuer')} />
            <Input id="paste-audience" label="Audience" value={options.audience} change={change('audience')} />
            <Input
              id="paste-access-token"
              label="Access token that a proof comes with"
              value={options.accessToken}
              change={change('accessToken')}
            />
          </div>
        </details>
        <div id="paste-result" role="status">
          {text.trim() !== '' && jwt === undefined && (
            <p class="notice">This is no JWT. One begins with eyJ and has two dots in it. An opaque token has nothing to take apart.</p>
          )}
          {jwt !== undefined && <PasteFindings findings={findings} />}
        </div>
        {jwt !== undefined && found !== undefined && (
          <section id="paste-parts" class="panel" aria-labelledby="paste-kind">
            <h2 id="paste-kind">{jwt.kind}</h2>
            <JwtText jwt={found} />
            <JwtParts jwt={jwt} heading="h3" />
          </section>
        )}
      </div>
    </ReadingContext.Provider>
  )
}

const STATES = { good: ['passed', 'In order: '], bad: ['refused', 'Must be refused: '], open: ['no answer', 'Worth knowing: '] } as const

/** What has to be refused first, then what is open, then what is in order. */
export function PasteFindings({ findings }: { readonly findings: readonly PasteFinding[] }): VNode {
  const bad = findings.filter(({ state }) => state === 'bad')
  const sorted = [...bad, ...findings.filter(({ state }) => state === 'open'), ...findings.filter(({ state }) => state === 'good')]
  return (
    <>
      <h2>
        {bad.length === 0
          ? 'Nothing found that a receiver must refuse'
          : `A receiver must refuse it: ${bad.length} ${bad.length === 1 ? 'reason' : 'reasons'}`}
      </h2>
      {sorted.length > 0 && (
        <ul class="problems">
          {sorted.map(({ state, say, section }) => {
            const [mark, spoken] = STATES[state]
            return (
              <li class={state === 'bad' ? 'refused' : undefined}>
                <MarkIcon outcome={mark} />
                <span>
                  <span class="unseen">{spoken}</span>
                  {say} <span class="section">{section}</span>
                </span>
              </li>
            )
          })}
        </ul>
      )}
    </>
  )
}
