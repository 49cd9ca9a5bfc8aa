/** @jsxImportSource preact */
import type { Finding } from '@holdfast/protocol/witness'
import type { VNode } from 'preact'
import type { Exchange } from '../model.ts'
import { MarkIcon } from './marks.tsx'

/** What the receiver decided, in its own words; and apart from it what this page found, which is no word of the receiver. */
export function Findings({ exchange, receiver }: { readonly exchange: Exchange; readonly receiver: string }): VNode {
  const { findings, seen } = exchange
  return (
    <>
      <section>
        <h3>Checked by {receiver}</h3>
        {findings === undefined && <p class="quiet">This receiver does not tell what it checked. Its answer is all there is to see.</p>}
        {findings?.length === 0 && <p class="quiet">It had nothing to check here.</p>}
        {findings !== undefined && <Groups findings={findings} />}
      </section>
      {seen.length > 0 && (
        <section>
          <h3>What this page verified</h3>
          <p class="quiet">Of the answer, in the part of the client.</p>
          <Groups findings={seen} />
        </section>
      )}
    </>
  )
}

/** In the order in which they were first heard of. */
export function groupsOf(findings: readonly Finding[]): readonly (readonly [about: string, findings: readonly Finding[]])[] {
  const groups = new Map<string, readonly Finding[]>()
  for (const finding of findings) groups.set(finding.about, [...(groups.get(finding.about) ?? []), finding])
  return [...groups]
}

function Groups({ findings }: { readonly findings: readonly Finding[] }): VNode {
  return (
    <>
      {groupsOf(findings).map(([about, group]) => (
        <div class="findings">
          <h4>{about}</h4>
          <ul>
            {group.map(({ check, rule, refused }) => (
              <li class={refused === undefined ? undefined : 'refused'}>
                <MarkIcon outcome={refused === undefined ? 'passed' : 'refused'} />
                <span>
                  <span class="unseen">{refused === undefined ? 'Passed: ' : 'Refused: '}</span>
                  <span class="check">{check}</span> <span class="section">{rule}</span>
                  {refused !== undefined && <span class="why">{refused}</span>}
                </span>
              </li>
            ))}
          </ul>
        </div>
      ))}
    </>
  )
}
