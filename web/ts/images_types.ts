/** Channels, rows and columns of an image. */
export interface ImageShape {
  readonly channels: number;
  readonly height: number;
  readonly width: number;
}

/** A picture as canvases hold it: red, green, blue and opacity, row by row. */
export interface Picture {
  readonly data: Uint8ClampedArray<ArrayBuffer>;
  readonly width: number;
}

/** How a model's training images lie on a plain ground, as its card has it. */
export interface Framing {
  /** Level of the ground, from 0 to 255. */
  readonly ground: number;
  /** Least share of an image's pixels that are ground. */
  readonly ground_share: number;
  /** Longer side of what is drawn, in pixels. */
  readonly extent: Spread;
  /** Row of its centre of mass. */
  readonly row: Spread;
  /** Column of its centre of mass. */
  readonly column: Spread;
}

/** Where a quantity lies over the training images. */
export interface Spread {
  readonly least: number;
  readonly median: number;
  readonly greatest: number;
}

/** A picture as an image that lies as the training images do. */
export interface FramedImage {
  /** C·H·W bytes. */
  readonly image: Uint8Array;
  /** Left as it was, fitted as it is for want of a plain ground, or framed. */
  readonly how: 'unchanged' | 'fitted' | 'framed';
  /** Whether light and dark were exchanged. */
  readonly inverted: boolean;
  /** How much larger what is drawn is now, in shares of the longer side. */
  readonly scale: number;
}

/** Ways to disturb an image, all of them gradual; zeros leave it as it is. */
export interface Corruption {
  /** Turn about the centre, degrees, clockwise; what comes in from outside is black. */
  readonly rotation: number;
  /** Standard deviation of Gaussian noise, in units of the pixels' range. */
  readonly noise: number;
  /** Standard deviation of a Gaussian blur, pixels. */
  readonly blur: number;
  /** 1 turns light into dark; at ½ everything is grey. */
  readonly inversion: number;
  /** Side of a black square that covers the image, as a share of the image's own. */
  readonly occlusion: number;
  /** Strength of the paper's rotation of the colours, 0 to 1; nothing to a grey image. */
  readonly colours: number;
}
