export { answer as GET, answer as POST } from '../../../lib/answer.ts'
