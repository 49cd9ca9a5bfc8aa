/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { useContext } from 'preact/hooks'
import { ReadingContext } from './context.ts'
import { Explained } from './explained.tsx'
import { JwtBlock } from './jwt.tsx'
import type { Field } from './message-parts.ts'
import { JwtText, Value } from './value.tsx'

export interface FieldsProps {
  readonly title: string
  readonly fields: readonly Field[]
  /** Shown in place of the rows when there are none. */
  readonly none?: string
}

export function Fields({ title, fields, none }: FieldsProps): VNode | null {
  const { engine } = useContext(ReadingContext)
  if (fields.length === 0 && none === undefined) return null
  return (
    <section class="fields">
      <h3>{title}</h3>
      {fields.length === 0 ? (
        <p class="quiet">{none}</p>
      ) : (
        <dl>
          {fields.map((field) => (
            <div>
              <dt>{field.name}</dt>
              <dd>
                {field.jwt === undefined && <FieldValue field={field} />}
                <Explained explanation={engine.explain(field.place, field.name)} />
                {field.jwt !== undefined && <FieldValue field={field} />}
                {field.jwt !== undefined && <JwtBlock text={field.jwt} />}
              </dd>
            </div>
          ))}
        </dl>
      )}
    </section>
  )
}

function FieldValue({ field }: { readonly field: Field }): VNode {
  const { jwt, value } = field
  if (jwt === undefined) return <Value text={value} />
  const at = value.indexOf(jwt)
  return (
    <>
      {at > 0 && (
        <>
          <Value text={value.slice(0, at).trim()} />{' '}
        </>
      )}
      <JwtText jwt={jwt} />
    </>
  )
}
