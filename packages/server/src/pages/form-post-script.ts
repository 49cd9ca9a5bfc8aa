/**
 * Sends the form of the page that it is on. A parameter might be called `submit` and hide the form's own method, so
 * the prototype's is called. Without scripts, the button does the same.
 */
export const formPostScript: string = `HTMLFormElement.prototype.submit.call(document.getElementById('form-post'))
`
