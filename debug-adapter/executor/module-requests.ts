// What a worker asks of the module cache while it loads, and what it leaves there: the driving side's half of loading.ts's LoadCache.
import type { FromWorker, ToWorker } from './messages.ts';
import type { ModuleCache } from './module-cache.ts';

type ModuleRequest = Extract<FromWorker, { type: 'wants' | 'made' | 'wantsLines' | 'linesRead' }>;

/** Does what is asked. @returns the answer, where the worker waits for one */
export function answerOfCache(cache: ModuleCache, request: ModuleRequest): ToWorker | undefined {
  switch (request.type) {
    case 'wants':
      return { type: 'cached', ...cache.get(request.content, request.plan) };
    case 'made':
      cache.put(request.content, request.plan, request.known, request.built);
      return undefined;
    case 'wantsLines':
      return { type: 'linesKnown', lines: cache.lines(request.sha256) };
    case 'linesRead':
      cache.putLines(request.sha256, request.lines);
      return undefined;
  }
}
