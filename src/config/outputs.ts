/** The action's outputs; always all set, empty where there is nothing to say. */
export const OUTPUTS = {
  result: 'passed, not-compliant, unjudged, bad-input, scan-failed or interrupted.',
  compliance:
    'Percent of the controls that count, floored to two decimals. This and the counts of controls are empty when no control was judged or a container has no results.',
  'controls-passed': 'Number of controls that passed.',
  'controls-failed': 'Number of controls that failed.',
  'controls-skipped': 'Number of controls that were not reviewed.',
  'controls-errored': 'Number of controls that ended in an error; unjudged ones are among them.',
  'controls-not-applicable': 'Number of controls that do not apply.',
  'controls-waived': 'Number of controls with a waiver in force, or an accepted cause.',
  'controls-unjudged': 'Number of controls that could not be judged.',
  'new-failures': 'Number of controls that are worse than in the baseline; empty without one.',
  'failed-critical': 'Number of failed controls of critical severity.',
  'failed-high': 'Number of failed controls of high severity.',
  'target-count': 'Number of containers that were chosen.',
  'approaches-used': 'How shells were got into the containers, comma-separated.',
  'reports-path': 'Folder of the reports.',
  'hdf-path': "Folder with one file of the auditor's JSON (HDF) for each container.",
  'junit-path': 'File of the JUnit report.',
  'sarif-path': 'File of the SARIF report.',
  'codequality-path': 'File of the GitLab Code Quality report.',
  'summary-path': 'File of the markdown report.',
  'comment-path': 'File of the markdown report that fits into a comment.',
  'html-path': 'File of the HTML report.',
  'csv-path': 'File of the CSV report.',
  'cklb-path': 'Folder with one STIG Viewer checklist for each container.',
  'risk-acceptance-path': 'File of the record by which the risks of how the scan was done can be accepted.',
  'transcript-path': 'Folder with the transcript of each container, where one is kept.',
  'run-json-path': 'File that says what was done: access, approach, versions, timings.',
  'artifact-id': 'Id of the uploaded artifact.',
  'artifact-url': 'Address of the uploaded artifact.',
  'artifact-digest': 'SHA-256 of the uploaded artifact.',
  'cluster-name': 'Name of the kind cluster that was made for the run, else the context of the cluster that was scanned.',
  leftovers: 'Number of things that were made and could not be removed.'
} as const

export type OutputName = keyof typeof OUTPUTS
