import { model as text } from './strings.ts';

/** A model that the site offers. */
export interface ListedModel {
  /** File name without its ending; the address of the page names the model by it. */
  readonly name: string;
  readonly title: string;
  readonly address: URL;
}

/**
 * The models that `models/index.json` lists, which is `{"models": [{"file", "title"}, …]}`.
 *
 * Rejects with one sentence when there is no such list.
 */
export async function listModels(): Promise<ListedModel[]> {
  const folder = new URL('models/', document.baseURI);
  const response = await fetch(new URL('index.json', folder)).catch((problem: unknown) => {
    throw new Error(text.noList(problem instanceof Error ? problem.message : String(problem)));
  });
  if (!response.ok) throw new Error(text.noList(`status ${response.status}`));
  const list: unknown = await response.json().catch(() => undefined);
  const models = isObject(list) && Array.isArray(list.models) ? list.models : [];
  const listed = models.flatMap((entry: unknown) => {
    if (!isObject(entry) || typeof entry.file !== 'string' || typeof entry.title !== 'string') return [];
    const { file, title } = entry;
    return [{ name: file.replace(/\.safetensors$/, ''), title, address: new URL(file, folder) }];
  });
  if (listed.length === 0 || listed.length < models.length) throw new Error(text.emptyList);
  return listed;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}
