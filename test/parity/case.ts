import type { Case } from './divergences.ts'
import { generateHdf, PLAIN, type Traits } from './hdf.ts'
import { type Random, randomOf } from '../support/random.ts'
import { generateBounds, spoil } from './threshold-text.ts'

const traitsOf = (random: Random): Traits => {
  if (random.chance(0.45)) return PLAIN
  const some = (): boolean => random.chance(0.3)
  return { oddSeverities: some(), unmet: some(), structure: some(), notRun: random.chance(0.1), nothingJudged: random.chance(0.1) }
}

/** One file with one threshold: nearly half have no divergence, the others any mixture of them. */
export const generateCase = (seed: number): Case => {
  const random = randomOf(seed)
  const traits = traitsOf(random)
  const hdf = generateHdf(seed, traits)
  const bounds = generateBounds(hdf, random, traits !== PLAIN && random.chance(0.5))
  return { hdf, bounds: random.chance(0.08) ? spoil(bounds, random) : bounds }
}
