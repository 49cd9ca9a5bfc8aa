import { expect, test } from 'vitest'
import { parseHtml } from './html.ts'

test('elements, attributes in every spelling, and text', () => {
  const page = parseHtml(
    `<!doctype html><!-- <p id=no> --><HTML><body CLASS='a b'><p id="x" data-n=1 hidden>Ada&nbsp;&amp; <b>Grace</b>\n  &#x1F96A;&#33;</p></body></html>`,
  )
  expect(page.find('#x')?.text).toBe('Ada & Grace 🥪!')
  expect(page.find('p')?.attribute('data-n')).toBe('1')
  expect(page.find('p')?.attribute('hidden')).toBe('')
  expect(page.find('body.b')?.attribute('class')).toBe('a b')
  expect(page.find('#no')).toBeUndefined()
})

test('what is escaped stays text', () => {
  const page = parseHtml('<p id="a">&lt;b id="evil"&gt;&quot;&apos;</p><p id="b" title="&quot;&gt;<i id=evil>">x</p>')
  expect(page.find('#a')?.text).toBe(`<b id="evil">"'`)
  expect(page.find('#b')?.attribute('title')).toBe('"><i id=evil>')
  expect(page.find('#evil')).toBeUndefined()
})

test('scripts are not read, their content is no markup', () => {
  const page = parseHtml(
    '<p>a<script>if (1 < 2) "<p id=evil>"</script><style>p{}</style>b</p><textarea><p id=evil></textarea><template>t</template>',
  )
  expect(page.text).toBe('ab<p id=evil>')
  expect(page.find('#evil')).toBeUndefined()
})

test('void and unclosed elements', () => {
  const page = parseHtml('<form id=f><input name=a><br/><img src="x"><input name=b /><p>one<p>two</form><p id=after>')
  expect(page.findAll('#f input').map((input) => input.attribute('name'))).toEqual(['a', 'b'])
  expect(page.find('#after')?.closest('form')).toBeUndefined()
})

test('selectors', () => {
  const page = parseHtml('<ul class=list><li id=a>1</li><li id=b data-x="1 2">2</li></ul><li id=c>3</li>')
  expect(page.findAll('li').map((item) => item.text)).toEqual(['1', '2', '3'])
  expect(page.findAll('ul.list li').map((item) => item.text)).toEqual(['1', '2'])
  expect(page.find('li[data-x="1 2"]#b')?.text).toBe('2')
  expect(page.find('[data-x]')?.text).toBe('2')
  expect(() => page.find('li:first-child')).toThrow(SyntaxError)
})

test.each(['<', '<<', '< p', 'a < b', '</nothing>', '<p', '&bogus; &', '<p a="x'])('%s does not stop it', (html) => {
  expect(() => parseHtml(html)).not.toThrow()
})
