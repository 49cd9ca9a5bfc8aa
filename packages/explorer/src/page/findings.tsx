/** @jsxImportSource preact */
import type { Finding } from '@holdfast/protocol/witness'
import type { VNode } from 'preact'
import { useContext } from 'preact/hooks'
import type { Exchange } from '../model.ts'
import { ReadingContext } from './context.ts'
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

/** What refused stands first and open; what passed is a line that can be opened. */
function Groups({ findings }: { readonly findings: readonly Finding[] }): VNode {
  const groups = groupsOf(findings).map(([about, group]) => ({ about, group, refused: group.filter(isRefused).length }))
  const sorted = [...groups.filter(({ refused }) => refused > 0), ...groups.filter(({ refused }) => refused === 0)]
  return (
    <>
      {sorted.map(({ about, group, refused }) => (
        <details class="findings" key={about} open={refused > 0 || groups.length === 1}>
          <summary>
            <MarkIcon outcome={refused === 0 ? 'passed' : 'refused'} />
            <h4>{about}</h4>: {refused === 0 ? `${group.length} passed` : `${refused} refused, ${group.length - refused} passed`}
          </summary>
          <ul>
            {[...group.filter(isRefused), ...group.filter((one) => !isRefused(one))].map((one) => (
              <Check finding={one} />
            ))}
          </ul>
        </details>
      ))}
    </>
  )
}

const isRefused = ({ refused }: Finding): boolean => refused !== undefined

function Check({ finding }: { readonly finding: Finding }): VNode {
  const { check, rule, refused } = finding
  const { engine } = useContext(ReadingContext)
  const words = engine.check(finding)
  return (
    <li class={refused === undefined ? undefined : 'refused'}>
      <MarkIcon outcome={refused === undefined ? 'passed' : 'refused'} />
      <span>
        <span class="unseen">{refused === undefined ? 'Passed: ' : 'Refused: '}</span>
        <span class="check">{check}</span> <span class="section">{rule}</span>
        {words !== undefined && <span class="asked">{words}</span>}
        {refused !== undefined && <span class="why">{refused}</span>}
      </span>
    </li>
  )
}
