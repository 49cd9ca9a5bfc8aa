/** What a shape of the picture takes from the stylesheet; written into it as attributes, it looks the same anywhere. */
const INKS = ['fill', 'stroke', 'stroke-width', 'stroke-dasharray', 'stroke-linecap', 'stroke-linejoin', 'opacity', 'paint-order'] as const
const LETTERS = ['font-family', 'font-size', 'font-weight', 'letter-spacing'] as const

/**
 * A copy of the picture that needs no stylesheet. Attributes, no `style`: a copy must look the same under this page's own policy.
 *
 * @param svg in the document, so that its styles are known
 */
export function standalone(svg: SVGSVGElement, ground: string): string {
  const copy = svg.cloneNode(true) as SVGSVGElement
  const from = svg.querySelectorAll('*')
  const spoken: Element[] = []
  copy.querySelectorAll('*').forEach((element, index) => {
    const source = from[index]
    if (source === undefined) return
    if (element.classList.contains('spoken')) spoken.push(element)
    const style = getComputedStyle(source)
    for (const name of source instanceof SVGTextElement ? [...INKS, ...LETTERS] : INKS)
      element.setAttribute(name, style.getPropertyValue(name))
    for (const name of ['class', 'id', 'href', 'aria-label', 'aria-current', 'role']) element.removeAttribute(name)
  })
  for (const words of spoken) words.remove()
  const paper = document.createElementNS('http://www.w3.org/2000/svg', 'rect')
  for (const [name, value] of [
    ['width', '100%'],
    ['height', '100%'],
    ['fill', ground],
  ] as const)
    paper.setAttribute(name, value)
  copy.prepend(paper)
  copy.removeAttribute('class')
  copy.setAttribute('role', 'img')
  copy.setAttribute('xmlns', 'http://www.w3.org/2000/svg')
  return new XMLSerializer().serializeToString(copy)
}

/** At twice the size, for screens and slides. Rejects when the browser cannot draw it. */
export async function toPng(svg: string, width: number, height: number): Promise<Blob> {
  const url = URL.createObjectURL(new Blob([svg], { type: 'image/svg+xml' }))
  try {
    const image = new Image(width, height)
    image.src = url
    await image.decode()
    const canvas = document.createElement('canvas')
    canvas.width = width * 2
    canvas.height = height * 2
    canvas.getContext('2d')?.drawImage(image, 0, 0, canvas.width, canvas.height)
    return await new Promise((resolve, reject) => {
      canvas.toBlob((blob) => (blob === null ? reject(new Error('the picture is too large for this browser')) : resolve(blob)), 'image/png')
    })
  } finally {
    URL.revokeObjectURL(url)
  }
}

/** Hands a file to the person. It is made here and goes nowhere else. */
export function download(name: string, content: Blob): void {
  const url = URL.createObjectURL(content)
  const link = document.createElement('a')
  link.href = url
  link.download = name
  document.body.append(link)
  link.click()
  link.remove()
  // After the browser has begun to read it.
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}
