/** Bytes of an auditor's results: larger files do not fit into one string of the JavaScript engine with room to work. */
export const RESULTS_BYTES = 400 * 1024 * 1024
