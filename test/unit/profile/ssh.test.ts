import { describe, expect, test } from '@jest/globals'
import { sshArguments } from '../../../src/profile/ssh.ts'

describe('what ssh is started with', () => {
  test('asks nobody, checks the host, and has the repository in quotes and no option of an address', () => {
    const words = sshArguments('ssh://git@host.test:2222/team/a%20b.git', { HOME: '/nowhere' })
    expect(words).toEqual(expect.arrayContaining(['BatchMode=yes', 'StrictHostKeyChecking=yes', 'ForwardAgent=no', 'PermitLocalCommand=no']))
    expect(words.slice(-7)).toEqual(['-p', '2222', '-l', 'git', '--', 'host.test', "git-upload-pack '/team/a b.git'"])
  })

  test('leaves a home at the beginning to the other side', () => {
    expect(sshArguments('ssh://host.test/~git/p', {}).at(-1)).toBe("git-upload-pack ~git/'p'")
  })
})
