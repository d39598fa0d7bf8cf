// The page that the transcript panel is, as HTML: a policy that lets nothing in but our own script, style and font, and an empty place
// for the UI. The extension, the tests and the benchmark make it here. Imports neither vscode nor the DOM.

export interface PageParts {
  /** Of dist/transcript.js, as the page can load it. */
  readonly scriptUri: string;
  /** Of dist/transcript.css; codicon.ttf lies beside it. */
  readonly styleUri: string;
  /** Where the page may load style and font from: `webview.cspSource`. */
  readonly cspSource: string;
  /** A new one for each page. */
  readonly nonce: string;
}

const attribute = (text: string): string =>
  text.replaceAll('&', '&amp;').replaceAll('"', '&quot;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');

/** The whole HTML document. */
export function transcriptPage({ scriptUri, styleUri, cspSource, nonce }: PageParts): string {
  const policy = [
    "default-src 'none'",
    `script-src 'nonce-${nonce}'`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${attribute(policy)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<link rel="stylesheet" href="${attribute(styleUri)}">
<title>Plugin Transcript</title>
</head>
<body class="transcript">
<main id="app" aria-label="Plugin transcript"></main>
<script nonce="${attribute(nonce)}" src="${attribute(scriptUri)}"></script>
</body>
</html>
`;
}
