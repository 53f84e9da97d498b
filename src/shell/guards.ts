import { type Command, forEachChild, type SyntaxNode, type Word } from 'unbash'
import { invocationOf, type Words } from './invocation.ts'
import { nameOf } from './programs.ts'
import type { Variables } from './variables.ts'
import { argumentOf, fieldsOf } from './words.ts'

/** Names and paths that are there where a part of a command, which asks for them, says yes; where it says no if it is negated. */
export const askedIn = (node: SyntaxNode, variables: Variables): string[] => {
  const asked: string[] = []
  const look = (inner: SyntaxNode): void => {
    if (inner.type === 'AndOr' && inner.operators.includes(isNegated(inner) ? '&&' : '||'))
      return void asked.push(...inAll(inner.commands.map((side) => askedIn(side, variables))))
    if (inner.type === 'Command') asked.push(...invocationOf(wordsOf(inner, variables)).asks)
    if (inner.type === 'TestUnary' && /^-[exfs]$/.test(inner.operator)) asked.push(...argumentOf(inner.operand, variables).values)
    forEachChild(inner, look)
  }
  look(node)
  return asked
}

/** One yes of several is enough: only what all of them ask for is there. */
const inAll = ([first = [], ...others]: readonly (readonly string[])[]): string[] =>
  first.filter((name) => others.every((side) => side.some((other) => other === name || isSameProgram(other, name))))

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

/** What was said yes to where a statement that may leave did not. */
export const conditionOf = (command: SyntaxNode): SyntaxNode => {
  if (command.type === 'If') return command.clause
  if (command.type !== 'AndOr') return command
  const [only, ...more] = command.commands.slice(0, -1)
  return more.length > 0 || only === undefined ? { ...command, commands: command.commands.slice(0, -1), operators: command.operators.slice(0, -1) } : only
}
