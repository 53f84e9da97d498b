import { FORMATS, UNJUDGED_OK } from './config.ts'
import { TEXT, YAML, LIST, listOf, BOOLEAN, choice, SCAN, VERDICT, REPORT, ALL, of } from './row.ts'

export const REPORTS_PATH = 'kscan-reports'

/** How results are judged and reported. */
export const RESULT_INPUTS = [
  ...of('verdict', VERDICT, [
    {
      name: 'threshold',
      type: YAML,
      text: 'Threshold in any form of SAF, for example `compliance.min: 80, failed.high.max: 0`. Default, when neither a threshold nor a baseline is given: failed.total.max 0 and error.total.max 0.'
    },
    { name: 'threshold-file', type: LIST, path: 'file', text: 'Threshold files in the form of SAF; all must hold.' },
    {
      name: 'total-threshold',
      type: YAML,
      text: 'Threshold, in the same forms, that all containers together must meet.'
    },
    {
      name: 'run-json',
      type: TEXT,
      path: 'file',
      verbs: ['judge'],
      text: 'Of `kscan judge` alone: the run.json of the scan that wrote the HDF files, where it does not lie beside them, as on the standard input.'
    },
    {
      name: 'baseline-file',
      type: TEXT,
      path: 'file',
      text: 'The run.json of an earlier run, in its folder of reports: controls that are worse than in it are not compliant, and without a threshold nothing else is.'
    },
    {
      name: 'enforce',
      type: BOOLEAN,
      default: 'true',
      text: 'false: a result that is not compliant (exit 1) passes with a warning. Nothing else is softened.'
    },
    {
      name: 'attestation-file',
      type: LIST,
      path: 'file',
      text: "SAF's attestation files (YAML or JSON): somebody's word, for a time, for controls that were not reviewed."
    },
    {
      name: 'max-waived',
      type: { kind: 'count', least: 0, most: 1_000_000 },
      default: '1000000',
      text: 'How many controls may have a waiver in force or an accepted cause, over all containers; more is not compliant (exit 1).'
    },
    {
      name: 'max-unjudged',
      type: { kind: 'count', least: 0, most: 100_000 },
      default: '0',
      text: 'How many controls may be unjudged, for example for want of a program in the image; more is exit 3.'
    },
    {
      name: 'unjudged-ok',
      type: listOf(...UNJUDGED_OK),
      text: 'What may be empty without making the run unjudged: empty-profile (it has no controls to run), skipped-profile (it is for another platform).'
    },
    {
      name: 'unjudged-ok-file',
      type: LIST,
      path: 'file',
      text: 'Files (YAML) of causes for which controls may stay unjudged, as the reports name them (missing:systemctl): by cause a justification and an expiration_date. Each control counts as waived.'
    }
  ]),
  ...of('reports', SCAN, [
    {
      name: 'reports',
      type: listOf(...FORMATS),
      verbs: REPORT,
      default: 'hdf,junit,markdown,html,run.json',
      text: 'Formats to write: hdf, junit, sarif, codequality (GitLab), markdown, comment (for a pull request), html, csv, cklb (STIG Viewer), risk-acceptance (how the scan was done, to be signed), run.json (always written).'
    },
    {
      name: 'reports-path',
      type: TEXT,
      path: 'folder',
      verbs: REPORT,
      default: REPORTS_PATH,
      text: 'Folder for the reports; made if it is not there. Of what is in it, only unchanged reports of an earlier run are replaced.'
    },
    {
      name: 'stig-id',
      type: TEXT,
      verbs: REPORT,
      text: "Id of the benchmark in the checklists (cklb), as STIG Manager knows it, for example RHEL_9_STIG. Default: the profile's name."
    },
    {
      name: 'stig-release',
      type: TEXT,
      verbs: REPORT,
      text: "Release of that benchmark: V2R1, R1, or as DISA writes it, Release: 1 Benchmark Date: 24 Jul 2024. Without a V the checklist has the profile's version; default: no release."
    },
    {
      name: 'transcript',
      type: choice('off', 'hashes', 'full'),
      default: 'off',
      text: 'Whether the reports hold each command, its exit status, size and SHA-256 of what it printed, and the controls that rest on it. full: also what it printed; neither that nor the html report that quotes it is ever uploaded.'
    },
    {
      name: 'strict-cleanup',
      type: BOOLEAN,
      default: 'false',
      text: 'true: something that could not be removed from the cluster makes the run fail (exit 4) instead of a warning.'
    },
    {
      name: 'upload',
      type: choice('auto', 'always', 'never'),
      default: 'auto',
      text: 'Whether the reports become an artifact of the job. auto: not in public repositories.'
    },
    { name: 'artifact-name', type: TEXT, text: 'Name of the artifact. Default: kscan, the job, the attempt and the run.' },
    { name: 'retention-days', type: { kind: 'count', least: 0, most: 400 }, default: '0', text: "Days to keep the artifact; 0: the repository's default." },
    { name: 'summary', type: BOOLEAN, default: 'true', text: "Whether the markdown report becomes the job's summary." },
    {
      name: 'annotations',
      type: BOOLEAN,
      default: 'true',
      text: 'Whether the verdict and the worst failures become annotations: at most 1 error and 9 warnings.'
    }
  ]),
  ...of('general', ALL, [
    {
      name: 'config',
      type: TEXT,
      path: 'file',
      notInFile: 'A config file names no other. Say it with a flag, an input of the action or KSCAN_CONFIG.',
      text: 'File (YAML) with inputs by their names, docs/configuration.md. Default: kscan.yaml in the working folder, if it is there. none: no file is read.'
    }
  ])
]
