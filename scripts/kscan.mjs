// `npm run kscan`: npm has gone to the package's folder, and the user stands where INIT_CWD says: paths are relative to there.
process.chdir(process.env.INIT_CWD ?? '.')
await import('../dist/cli.js')
