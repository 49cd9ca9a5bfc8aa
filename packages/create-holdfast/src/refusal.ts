/** Something that a person has to change: its message is all they are shown. */
export class Refusal extends Error {
  override readonly name = 'Refusal'
}
