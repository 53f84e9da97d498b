export { action, post } from './action.ts'
export { cli } from './cli.ts'
export { image } from './image.ts'
