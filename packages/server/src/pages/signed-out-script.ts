/**
 * Goes on when every frame has answered, or after three seconds: an application that hangs keeps nobody. The page's own
 * load waits for its frames. Without scripts, the link does the same.
 */
export const signedOutScript: string = `const link = document.getElementById('logout-continue')
let gone = false
const go = () => {
  if (gone || link === null) return
  gone = true
  location.assign(link.href)
}
addEventListener('load', go)
setTimeout(go, 3000)
`
