// VS Code's default themes, as a webview gets them: the variables that the panel uses, with the values that a workbench has for them
// (read from one: Dark Modern, Light Modern, Default High Contrast). Only tests import it.
import themes from './themes.json' with { type: 'json' };

export interface Theme {
  /** The class of the body. */
  readonly kind: string;
  readonly variables: Readonly<Record<string, string>>;
}

export const THEMES: Readonly<Record<'dark' | 'light' | 'high-contrast', Theme>> = themes;
