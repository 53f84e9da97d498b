/** Milliseconds of the processor that the work took in this process; what else the machine does has no share in them. */
export const processorTime = (work: () => unknown): number => {
  const begun = process.cpuUsage()
  work()
  const { user, system } = process.cpuUsage(begun)
  return (user + system) / 1000
}
