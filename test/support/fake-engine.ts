import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Folder } from './kubeconfig.ts'

/**
 * A container engine and a kind that keep their things as files in HOME/engine: containers/NAME, images/NAME; what they were asked for is in `asked`. A script
 * in on/STEP runs when a step begins, and may fail or wait: docker-save, docker-rm, docker-ps, docker-pull, docker-info, kind-create, kind-made, kind-load …
 */
const DOCKER = `#!/bin/sh
S=$HOME/engine
printf 'docker %s\\n' "$*" >>"$S/asked"
verb=$1; shift
[ -f "$S/on/docker-$verb" ] && . "$S/on/docker-$verb"
case $verb in
  context) echo unix:///fake/docker.sock ;;
  info) cat "$S/info.json" ;;
  image) for name; do :; done
    [ -f "$S/images/$(echo "$name" | tr / _)" ] || { echo "Error: No such image: $name" >&2; exit 1; }
    echo '{"Id":"sha256:1","RepoDigests":[],"Architecture":"amd64"}' ;;
  pull) : >"$S/images/$(echo "$1" | tr / _)" ;;
  save) while [ $# -gt 0 ]; do [ "$1" = --output ] && echo archive >"$2"; shift; done ;;
  ps) for word; do case $word in label=io.x-k8s.kind.cluster=*) name=\${word##*=}- ;; esac; done
    for file in "$S"/containers/\${name:-}*; do [ -e "$file" ] && basename "$file"; done; exit 0 ;;
  rm) for name; do case $name in --*) ;; *) rm -f "$S/containers/$name" ;; esac; done ;;
  inspect) echo 'Error: No such container' >&2; exit 1 ;;
esac
`
const KIND = `#!/bin/sh
S=$HOME/engine
printf 'kind %s\\n' "$*" >>"$S/asked"
verb=$1 sub=$2
[ -f "$S/on/kind-$verb" ] && . "$S/on/kind-$verb"
while [ $# -gt 0 ]; do case $1 in --name) name=$2 ;; --kubeconfig) kubeconfig=$2 ;; esac; shift; done
case $verb in
  version) echo 'kind v0.33.0 go1.26 linux/amd64' ;;
  create)
    echo " • Preparing nodes 📦 ..." >&2
    : >"$S/containers/$name-control-plane"
    [ -f "$S/on/kind-made" ] && . "$S/on/kind-made"
    echo " • Starting control-plane 🕹️ ..." >&2
    sed "s/stand-in/kind-$name/g" "$S/kubeconfig" >"$kubeconfig" ;;
  get) [ "$sub" != nodes ] || echo "$name-control-plane" ;;
esac
`

/** As of Docker 28 on a machine with cgroup v2. */
const INFO = { ServerVersion: '28.0.0', Architecture: 'x86_64', CgroupVersion: '2', DockerRootDir: '', OSType: 'linux' }

export class FakeEngine {
  readonly #folder: Folder
  readonly #state: string

  /** `kubeconfig` leads to the API server that stands in for each cluster. */
  constructor(folder: Folder, kubeconfig: string) {
    this.#folder = folder
    this.#state = join(folder.path, 'engine')
    for (const name of ['containers', 'images', 'on']) mkdirSync(join(this.#state, name), { recursive: true })
    mkdirSync(join(folder.path, 'bin'))
    for (const [name, text] of [
      ['docker', DOCKER],
      ['kind', KIND]
    ] as const) {
      writeFileSync(join(folder.path, 'bin', name), text)
      chmodSync(join(folder.path, 'bin', name), 0o755)
    }
    writeFileSync(join(this.#state, 'kubeconfig'), kubeconfig)
    this.info({})
    this.reset()
  }

  /** The folder of the programs, to go before all others on PATH. */
  get bin(): string {
    return join(this.#folder.path, 'bin')
  }

  get state(): string {
    return this.#state
  }

  /** As `docker info` is to say it. */
  info(more: Readonly<Record<string, unknown>>): void {
    writeFileSync(join(this.#state, 'info.json'), JSON.stringify({ ...INFO, ...more }))
  }

  /** As new, but for its images. */
  reset(): void {
    for (const name of ['containers', 'on']) {
      rmSync(join(this.#state, name), { recursive: true })
      mkdirSync(join(this.#state, name))
    }
    writeFileSync(join(this.#state, 'asked'), '')
  }

  image(name: string): void {
    writeFileSync(join(this.#state, 'images', name.replaceAll('/', '_')), '')
  }

  /** What a step does before it does its work; `exit` keeps it from that. */
  on(step: string, script: string): void {
    writeFileSync(join(this.#state, 'on', step), script)
  }

  /** A step stops for ever and says so by a file. */
  stopsAt(step: string): string {
    const file = join(this.#state, 'stopped')
    rmSync(file, { force: true })
    this.on(step, `: >"${file}"; sleep 600`)
    return file
  }

  off(step: string): void {
    rmSync(join(this.#state, 'on', step), { force: true })
  }

  put(container: string): void {
    writeFileSync(join(this.#state, 'containers', container), '')
  }

  get containers(): string[] {
    return readdirSync(join(this.#state, 'containers'))
  }

  /** Command lines, in their order. */
  get asked(): string[] {
    const file = join(this.#state, 'asked')
    return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
  }
}
