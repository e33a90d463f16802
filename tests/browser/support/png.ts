/** A page of either browser. */
interface Evaluates {
  evaluate<T>(work: (bytes: number[]) => Promise<T>, bytes: number[]): Promise<T>;
}

/** Ground between the images of the trainer's grids, in pixels. */
const GAP = 2;

/** The images of a grid that the trainer wrote, row by row, each as C×H×W grey levels from 0 to 255. */
export async function gridImages(
  page: Evaluates,
  png: Buffer,
  { channels, height, width }: { channels: number; height: number; width: number },
): Promise<number[][]> {
  const picture = await page.evaluate(async (bytes) => {
    const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)], { type: 'image/png' }));
    const context = new OffscreenCanvas(bitmap.width, bitmap.height).getContext('2d');
    context?.drawImage(bitmap, 0, 0);
    const { width, height } = bitmap;
    return { width, height, rgba: Array.from(context?.getImageData(0, 0, width, height).data ?? []) };
  }, Array.from(png));
  const images: number[][] = [];
  for (let top = GAP; top < picture.height; top += height + GAP) {
    for (let left = GAP; left < picture.width; left += width + GAP) {
      images.push(
        Array.from({ length: channels * height * width }, (_, i) => {
          const [c, y, x] = [Math.floor(i / (height * width)), Math.floor(i / width) % height, i % width];
          return picture.rgba[((top + y) * picture.width + left + x) * 4 + c] ?? NaN;
        }),
      );
    }
  }
  return images;
}
