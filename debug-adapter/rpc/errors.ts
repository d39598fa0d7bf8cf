// What production makes of JSON-RPC errors: which code, which message, and what is lost on the way. Pure.
// Contract E3 as far as errors go (UPSTREAM.md, "JSON-RPC as it is really spoken"; pdk rpc_message.rs).
import { JSONRPCErrorCode } from 'json-rpc-2.0';

/** An error as production knows it: one of the five standard codes with its fixed text, or -32000 with any text. */
export interface RpcError {
  readonly code: number;
  readonly message: string;
}

/** The texts of pdk's `RpcError`: whatever the message of a standard code was, this takes its place. */
const STANDARD: ReadonlyMap<number, string> = new Map([
  [JSONRPCErrorCode.ParseError, 'Parse error'],
  [JSONRPCErrorCode.InvalidRequest, 'Invalid request'],
  [JSONRPCErrorCode.MethodNotFound, 'Method not found'],
  [JSONRPCErrorCode.InvalidParams, 'Invalid params'],
  [JSONRPCErrorCode.InternalError, 'Internal error'],
]);

/** The code that every other code becomes (pdk `RpcError::Custom`). */
export const CUSTOM_CODE = -32000;

export const PARSE_ERROR: RpcError = { code: JSONRPCErrorCode.ParseError, message: 'Parse error' };
export const METHOD_NOT_FOUND: RpcError = { code: JSONRPCErrorCode.MethodNotFound, message: 'Method not found' };
export const INTERNAL_ERROR: RpcError = { code: JSONRPCErrorCode.InternalError, message: 'Internal error' };

/**
 * An error as it comes out of production, which reads and writes errors through one and the same enum: so this is what
 * the host reports of an error response that the plugin wrote, and what the plugin gets of an error that a host method
 * returned. `code` may be the text of an i64.
 */
export function productionError(code: number | string, message: string): RpcError {
  const known = STANDARD.get(Number(code));
  return known === undefined ? { code: CUSTOM_CODE, message } : { code: Number(code), message: known };
}

/** What production drops of an error as written: clauses such as "its code 42 becomes -32000"; empty when nothing is lost. */
export function errorLosses(code: number | string, message: string, hasData: boolean): string[] {
  const kept = productionError(code, message);
  const losses: string[] = [];
  if (String(code) !== String(kept.code)) losses.push(`its code ${code} becomes ${kept.code}`);
  if (message !== kept.message) losses.push(`its message becomes "${kept.message}"`);
  if (hasData) losses.push('its data is dropped');
  return losses;
}
