/** The auditor's JSON of one profile, as small as it may be: ids with the status of their one check. */
export const hdf = (controls: readonly (readonly [id: string, status: string])[], sha256 = 'ab'): string =>
  JSON.stringify({
    version: '5.24.24',
    platform: { name: 'debian', release: '12' },
    statistics: { duration: 1 },
    profiles: [
      {
        name: 'p',
        sha256,
        status: 'loaded',
        controls: controls.map(([id, status]) => ({ id, impact: 0.5, tags: {}, results: [{ status, code_desc: `is ${status}` }] }))
      }
    ]
  })
