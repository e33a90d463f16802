import type { Framing, Picture } from 'ibinn';
import { fromPicture } from '../../images/frame.ts';
import type { Shape } from '../../images/pixels.ts';
import type { Source } from '../../images/source.ts';
import { draw as text } from '../../strings/draw.ts';

/** The picture is taken from the camera's middle square, at about this many pixels for each of the model's. */
const PIXELS = 4;
/** More pictures a second tire small machines and show no more. */
const RATE_HZ = 15;

/** The camera, as a source of images for the canvas. */
export class Camera {
  readonly #taken: (picture: Source) => void;
  readonly #failed: (problem: unknown) => void;
  #stream: MediaStream | undefined;
  /** Counts starts and stops: a stream that comes after the next of them is let go at once. */
  #turn = 0;

  /** Hands every picture to `taken`, as an image of the visitor's; what goes wrong while it runs to `failed`. */
  constructor(taken: (picture: Source) => void, failed: (problem: unknown) => void) {
    this.#taken = taken;
    this.#failed = failed;
    document.addEventListener('visibilitychange', () => document.hidden && this.stop());
  }

  get running(): boolean {
    return this.#stream !== undefined;
  }

  /**
   * Starts the camera for images of a shape, framed as the training images of the model that runs then are. Rejects with one
   * sentence when there is none, or it may not be used.
   */
  async start(shape: Shape, framing: () => Framing | undefined): Promise<void> {
    const turn = ++this.#turn;
    const left = () => turn !== this.#turn;
    const stream = await open().catch((problem: unknown) => {
      if (!left()) throw problem;
    });
    if (!stream) return;
    if (left()) return end(stream);
    this.#stream = stream;
    const video = document.createElement('video');
    Object.assign(video, { muted: true, playsInline: true, srcObject: stream });
    try {
      await video.play();
    } catch {
      if (left()) return;
      this.stop();
      throw new Error(text.noCamera);
    }
    const side = PIXELS * Math.max(shape.width, shape.height);
    const context = new OffscreenCanvas(side, side).getContext('2d', { willReadFrequently: true });
    let last = -Infinity;
    let fitting = false;
    const step = (now: number) => {
      if (this.#stream !== stream || !context) return;
      requestAnimationFrame(step);
      if (fitting || now - last < 1000 / RATE_HZ || video.videoWidth === 0) return;
      last = now;
      const square = Math.min(video.videoWidth, video.videoHeight);
      const [left, top] = [(video.videoWidth - square) / 2, (video.videoHeight - square) / 2];
      context.drawImage(video, left, top, square, square, 0, 0, side, side);
      fitting = true;
      fromPicture(context.getImageData(0, 0, side, side) as Picture, shape, framing())
        .then(
          (picture) => this.#stream === stream && this.#taken(picture),
          (problem: unknown) => {
            if (this.#stream === stream) this.stop();
            this.#failed(problem);
          },
        )
        .finally(() => (fitting = false));
    };
    requestAnimationFrame(step);
  }

  /** Lets go of the camera, so that its light goes out, or of the wish for it. */
  stop(): void {
    this.#turn++;
    if (this.#stream) end(this.#stream);
    this.#stream = undefined;
  }
}

function end(stream: MediaStream): void {
  for (const track of stream.getTracks()) track.stop();
}

async function open(): Promise<MediaStream> {
  // Pages that were not delivered securely are offered no cameras at all.
  if (!('mediaDevices' in navigator)) throw new Error(text.noCamera);
  const wanted = { video: { facingMode: 'environment', width: { ideal: 480 } } };
  return navigator.mediaDevices.getUserMedia(wanted).catch((problem: unknown) => {
    const refused = problem instanceof DOMException && problem.name === 'NotAllowedError';
    throw new Error(refused ? text.cameraRefused : text.noCamera);
  });
}
