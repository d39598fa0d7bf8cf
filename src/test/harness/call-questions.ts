// The questions that F5 asks where no launch.json answers them: which method of the plugin, with which params.
import type { Locator, Page } from 'playwright-core';

/** The box in which VS Code asks. */
export const questionBox = (page: Page): Locator => page.locator('.quick-input-widget:visible');

/** A question, by its title. */
export const question = (page: Page, title: string): Locator =>
  questionBox(page).locator('.quick-input-title', { hasText: title });

/** The answer that Enter would take. */
export const offered = (page: Page, text: string | RegExp): Locator =>
  questionBox(page).locator('.monaco-list-row.focused', { hasText: text });

/** Types a method's name where the question for it stands; Enter then takes it. */
export async function typeMethod(page: Page, method: string): Promise<void> {
  await page.keyboard.type(method);
  await offered(page, new RegExp(`^${method}`)).waitFor();
}

/** Takes what is offered for the method, and waits for the question for its params. */
export async function takeMethod(page: Page, method: string): Promise<void> {
  await page.keyboard.press('Enter');
  await question(page, `Params of ${method}`).waitFor();
}

/** Answers the question for the params, with what is offered where no text is given. */
export async function giveParams(page: Page, params?: string): Promise<void> {
  if (params !== undefined) await questionBox(page).locator('input').fill(params);
  await page.keyboard.press('Enter');
}
