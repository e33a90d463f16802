import type { Picture, Spec } from 'ibinn';

/** The part of a model's spec that says how an image lies in memory: C planes of H rows of W pixels. */
export type Shape = Pick<Spec, 'channels' | 'height' | 'width'>;

/** White lines between the images of a saved grid, pixels; as `trainer sample` draws them. */
const GAP = 2;

/** Pixels in [0, 1] → bytes. */
export function toBytes(pixels: Float32Array): Uint8Array {
  return Uint8Array.from(pixels, (value) => Math.round(255 * value));
}

/** Bytes → pixels in [0, 1]. */
export function fromBytes(bytes: Uint8Array): Float32Array {
  return Float32Array.from(bytes, (value) => value / 255);
}

/** Image `index` of several that lie behind each other. */
export function nth<T extends Float32Array | Uint8Array>(images: T, index: number, shape: Shape): T {
  const length = shape.channels * shape.height * shape.width;
  return images.subarray(index * length, (index + 1) * length) as T;
}

/** Paints C·H·W bytes into a canvas, which becomes as large as the image. */
export function paint(canvas: HTMLCanvasElement, bytes: Uint8Array, shape: Shape): void {
  if (canvas.width !== shape.width) canvas.width = shape.width;
  if (canvas.height !== shape.height) canvas.height = shape.height;
  canvas.getContext('2d')?.putImageData(toImageData(bytes, shape), 0, 0);
}

/** C·H·W bytes as the red, green, blue and opacity that a canvas takes. */
export function toImageData(bytes: Uint8Array, { channels, height, width }: Shape): ImageData {
  const plane = height * width;
  const data = new ImageData(width, height);
  for (let i = 0; i < plane; i++) {
    for (let c = 0; c < 3; c++) data.data[4 * i + c] = bytes[(channels === 1 ? 0 : c) * plane + i] ?? 0;
    data.data[4 * i + 3] = 255;
  }
  return data;
}

/** C·H·W bytes as a picture. */
export function asPicture(bytes: Uint8Array, shape: Shape): Picture {
  return toImageData(bytes, shape) as Picture;
}

/** The images as one picture with `columns` a row and white lines between them, as `trainer sample` writes it. */
export function gridCanvas(images: readonly Uint8Array[], columns: number, shape: Shape): HTMLCanvasElement {
  const canvas = document.createElement('canvas');
  canvas.width = GAP + columns * (shape.width + GAP);
  canvas.height = GAP + Math.ceil(images.length / columns) * (shape.height + GAP);
  const context = canvas.getContext('2d');
  if (!context) return canvas;
  context.fillStyle = '#fff';
  context.fillRect(0, 0, canvas.width, canvas.height);
  images.forEach((bytes, i) => {
    const left = GAP + (i % columns) * (shape.width + GAP);
    const top = GAP + Math.floor(i / columns) * (shape.height + GAP);
    context.putImageData(toImageData(bytes, shape), left, top);
  });
  return canvas;
}

/** Hands the visitor a canvas as a PNG file. */
export function savePng(canvas: HTMLCanvasElement, name: string): void {
  canvas.toBlob((blob) => blob && save(blob, name), 'image/png');
}

/** Hands the visitor a text as a file. */
export function saveText(text: string, name: string, type: string): void {
  save(new Blob([text], { type }), name);
}

/** Hands the visitor a file. */
export function save(blob: Blob, name: string): void {
  const link = document.createElement('a');
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  URL.revokeObjectURL(link.href);
}

/**
 * The image in a canvas that is `scale` times as large, as C·H·W bytes: each pixel is the average of its square. Of
 * a grey model's image the red part is read.
 */
export function fromCanvas(context: CanvasRenderingContext2D, scale: number, shape: Shape): Uint8Array {
  const { channels, height, width } = shape;
  const { data } = context.getImageData(0, 0, width * scale, height * scale);
  const sums = new Uint32Array(channels * height * width);
  for (let y = 0; y < height * scale; y++) {
    const row = Math.floor(y / scale) * width;
    for (let x = 0; x < width * scale; x++) {
      const from = 4 * (y * width * scale + x);
      const to = row + Math.floor(x / scale);
      for (let c = 0; c < channels; c++) sums[c * height * width + to]! += data[from + c]!;
    }
  }
  return Uint8Array.from(sums, (sum) => Math.round(sum / (scale * scale)));
}
