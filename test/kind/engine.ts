import { execFile, execFileSync, spawnSync } from 'node:child_process'
import { promisify } from 'node:util'
import { type Place, type Ran, type Running, startCommandLine } from '../support/command-line.ts'

const exec = promisify(execFile)

/** The only node image here; by its tag, for it has no digest of a registry. */
export const NODE_IMAGE = 'kindest/node:v1.37.2'
export const KIND = ['--cluster', 'kind', '--kind-node-image', NODE_IMAGE]

/** Images of the engine that no registry has. */
export const IMAGES = { debian: 'shop/debian:dev', whole: 'shop/whole:dev', distroless: 'shop/distroless:dev', toolbox: 'shop/toolbox:latest' } as const

export const docker = async (...args: string[]): Promise<string> => (await exec('docker', args, { maxBuffer: 64 * 1024 * 1024 })).stdout

const idOf = (name: string): string => spawnSync('docker', ['image', 'inspect', '--format', '{{.Id}}', name], { encoding: 'utf8' }).stdout.trim()

/** Makes an image of a folder; the one that had the name before goes. */
export const makeImage = (name: string, folder: string, changes: readonly string[] = []): void => {
  const before = idOf(name)
  const flags = changes.flatMap((change) => ['--change', change])
  execFileSync('sh', ['-c', 'tar -C "$1" -c . | { shift; docker import "$@"; }', 'sh', folder, ...flags, '-', name], { stdio: ['ignore', 'ignore', 'inherit'] })
  if (before !== '' && before !== idOf(name)) spawnSync('docker', ['rmi', before], { stdio: 'ignore' })
}

/** Containers of kscan's clusters that are there, of all or of one run: nothing after a run. */
export const nodesLeft = async (name = 'kscan-'): Promise<string[]> =>
  (await docker('ps', '--all', '--filter', 'label=io.x-k8s.kind.cluster', '--format', '{{.Names}}')).split('\n').filter((line) => line.startsWith(name))

export const kscan = (args: readonly string[], place: Place = {}): Promise<Ran> => startKscan(args, place).ended

/** Where the engine is, a command line is told by the environment. */
export const startKscan = (args: readonly string[], place: Place = {}): Running => startCommandLine(args, { ...place, env: { ...ENGINE, ...place.env } })

export const ENGINE: Readonly<Record<string, string>> = { DOCKER_HOST: process.env['DOCKER_HOST'] ?? '' }

/** The name of the cluster that a run says it makes. */
export const clusterIn = (text: string): string => /making (kscan-[a-z0-9]{10}-[a-z0-9]+)/.exec(text)?.[1] ?? ''
