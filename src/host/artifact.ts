/**
 * What uploads an artifact, without the rest of its package: the clients that list, download and delete bring a hundred packages more, one of them without a
 * licence. The package's own entry names them all, so that its files are named here by their paths.
 */
export { isGhes } from '../../node_modules/@actions/artifact/lib/internal/shared/config.js'
export { uploadArtifact } from '../../node_modules/@actions/artifact/lib/internal/upload/upload-artifact.js'
