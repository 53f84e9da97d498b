type Environment = Readonly<Record<string, string | undefined>>

/** The folder whose contents are somebody's commit; where no CI system names one, the one that we stand in. */
export const workspaceOf = (env: Environment): string =>
  ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR', 'BUILD_SOURCESDIRECTORY', 'WORKSPACE'].map((name) => env[name]).find((path) => path) ?? process.cwd()

/** Variables that CI systems set in each of their jobs, whatever of them stands in it; most set `CI`, too. */
const SET_IN_JOBS = ['CI', 'GITHUB_ACTIONS', 'GITLAB_CI', 'TF_BUILD', 'JENKINS_URL', 'TEAMCITY_VERSION', 'CODEBUILD_BUILD_ID', 'PROW_JOB_ID']

/** Whether a CI system started us, so that later steps look at what we leave. `CI=false` alone does not undo what else says so. */
export const inJob = (env: Environment): boolean => SET_IN_JOBS.some((name) => !['', 'false', undefined].includes(env[name]))
