// The DAP client as the parts of a session see it: somebody who is told events.

export interface Client {
  event(name: string, body?: object): void;
  readonly supportsProgress: boolean;
}
