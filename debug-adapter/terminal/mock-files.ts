// Mock files as the terminal reads them: with what they include, as seen from the file that includes it.
import type { Platform } from '../executor/platform.ts';
import { gatherMocks, type MockSources } from '../mocks/mock-set.ts';
import { Mocks, MocksError } from '../mocks/mocks.ts';
import { readText } from './files.ts';
import { UsageError } from './words.ts';

/** A mock file and what it includes, whatever is in them. @throws UsageError when the file itself can't be read */
export async function gatherMockFile(platform: Platform, file: string): Promise<MockSources> {
  const read = (path: string): Promise<string> => readText(platform, path, 'The mock file');
  return gatherMocks({ name: file, text: await read(file) }, read);
}

/** A mock file that can be used. @throws UsageError */
export async function readMocks(platform: Platform, file: string): Promise<MockSources> {
  const sources = await gatherMockFile(platform, file);
  try {
    Mocks.of(sources);
    return sources;
  } catch (error) {
    if (error instanceof MocksError) throw new UsageError(error.message);
    throw error;
  }
}
