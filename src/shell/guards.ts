import { type Command, forEachChild, type SyntaxNode, type Word } from 'unbash'
import { invocationOf, type Words } from './invocation.ts'
import { nameOf } from './programs.ts'
import { argumentOf, fieldsOf, type Variables } from './words.ts'

/** Names and paths that a part of a command asks for. */
export const askedIn = (node: SyntaxNode, variables: Variables): string[] => {
  const asked: string[] = []
  const look = (inner: SyntaxNode): void => {
    if (inner.type === 'Command') asked.push(...invocationOf(wordsOf(inner, variables)).asks)
    if (inner.type === 'TestUnary' && /^-[exfs]$/.test(inner.operator)) asked.push(...argumentOf(inner.operand, variables).values)
    forEachChild(inner, look)
  }
  look(node)
  return asked
}

/** The words of a command: its program and what it is given. */
export const wordsOf = (command: Command, variables: Variables): Words =>
  [command.name, ...command.args].filter((word): word is Word => word?.type === 'Word').flatMap((word) => fieldsOf(word, variables))

/** `! asks`, `[ ! -x FILE ]`. */
export const isNegated = (node: SyntaxNode): boolean => {
  if (node.type === 'Negation' || node.type === 'TestNot') return true
  if (node.type === 'Command') return node.args[0]?.type === 'Word' && node.args[0].value === '!'
  let negated = false
  forEachChild(node, (child) => {
    negated ||= isNegated(child)
  })
  return negated
}

/** `… || exit`, `if ! …; then exit; fi`: what follows runs only where the rest said yes. */
export const leaves = (node: SyntaxNode): boolean => {
  if (node.type === 'If') return isNegated(node.clause) && exits(node.then)
  const last = node.type === 'AndOr' && node.operators.at(-1) === '||' ? node.commands.at(-1) : undefined
  return last !== undefined && exits(last)
}

const exits = (node: SyntaxNode): boolean => {
  let found = node.type === 'Command' && /^(?:exit|return)$/.test(node.name?.value ?? '')
  forEachChild(node, (child) => {
    found ||= exits(child)
  })
  return found
}

/** By its name, or in a folder of programs: another file of that name says nothing of the program. */
const isProgram = (path: string): boolean => !path.includes('/') || /\/(?:s?bin|libexec)\/[^/]+$/.test(path)

/** Whether a file that is asked for is the program that is started. */
export const isSameProgram = (asked: string, program: string): boolean => isProgram(asked) && nameOf(asked) === nameOf(program)
