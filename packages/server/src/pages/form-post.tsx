/** @jsxImportSource preact */
import type { VNode } from 'preact'
import { Layout } from './layout.tsx'
import type { FormPostModel } from './models.ts'

/** Hands the answer to the application: a script sends the form, or the person does. */
export function FormPost(m: FormPostModel): VNode {
  return (
    <Layout title="Going back" stylesheetHref={m.stylesheetHref}>
      <h1>Going back</h1>
      <p class="lede">
        You are on your way to <bdi>{m.clientPlace}</bdi>. If nothing happens, press the button.
      </p>
      <form id="form-post" method="post" action={m.action}>
        {m.fields.map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <button class="button primary" id="form-post-submit" type="submit">
          Continue
        </button>
      </form>
      <script src={m.scriptHref} defer />
    </Layout>
  )
}
