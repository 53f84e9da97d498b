import { fileURLToPath } from 'node:url'

/** The program's version; a test holds it equal to package.json's. */
export const VERSION = '0.1.0'

/** Folder of the auditor's plugin: beside the bundle, or in the sources. */
export const PLUGIN: string = fileURLToPath(new URL(import.meta.url.endsWith('.ts') ? './auditor/plugin' : './plugin', import.meta.url))
