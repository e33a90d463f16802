/** A file, and the path that it was found at below what was dropped or chosen. */
export interface Named {
  readonly file: File;
  readonly name: string;
}

/** Files that systems leave in folders, and that are no pictures of anybody's. */
const OF_THE_SYSTEM = /^(\.|Thumbs\.db$|desktop\.ini$|__MACOSX$)/i;

/** What was dropped: its files, those of folders at any depth, by name, and whether there was a folder. */
export async function filesOf(
  dropped: DataTransfer,
): Promise<{ readonly files: readonly Named[]; readonly folders: boolean }> {
  // The browser empties the list as soon as the event is over.
  const entries = [...dropped.items].flatMap((item) => item.webkitGetAsEntry?.() ?? []);
  const folders = entries.some(({ isDirectory }) => isDirectory);
  if (!folders) return { files: [...dropped.files].map((file) => ({ file, name: file.name })), folders };
  const found = (await Promise.all(entries.map((entry) => below(entry)))).flat();
  return { files: sorted(found), folders };
}

/** Files that were chosen by a button, or pasted; those of a folder at any depth. */
export function filesChosen(files: FileList | null): Named[] {
  const named = [...(files ?? [])].map((file) => ({ file, name: file.webkitRelativePath || file.name }));
  return sorted(named.filter(({ name }) => !name.split('/').some((part) => OF_THE_SYSTEM.test(part))));
}

async function below(entry: FileSystemEntry): Promise<Named[]> {
  if (OF_THE_SYSTEM.test(entry.name)) return [];
  if (entry.isFile) {
    const file = await new Promise<File | undefined>((resolve) =>
      (entry as FileSystemFileEntry).file(resolve, () => resolve(undefined)),
    );
    return file ? [{ file, name: entry.fullPath.replace(/^\//, '') }] : [];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const found: Named[] = [];
  // Browsers give a hundred entries at a time, and none when there are no more.
  for (;;) {
    const some = await new Promise<FileSystemEntry[]>((resolve) => reader.readEntries(resolve, () => resolve([])));
    if (some.length === 0) return found;
    for (const inner of some) found.push(...(await below(inner)));
  }
}

function sorted(files: Named[]): Named[] {
  return files.sort((a, b) => a.name.localeCompare(b.name, 'en', { numeric: true }));
}
