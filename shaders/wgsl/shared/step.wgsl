// One step of a flow program: what happens to the maps of an image before the next step may begin.
//
// A map is a run of planes in the image's part of `scratch`; a plane holds 4 channels, one vec4 a pixel, in rows
// with a border of zeros: pixel (x, y) of plane g lies at source + g·source_plane + (y + 1)·source_row + x + 1.
// A row ends in one border pixel that also begins the next row.
//
// The work of a step is cut into items that do not depend on each other, the planes of one place next to each other:
// item i is plane i % planes_out. An invocation does one item at a time.
struct Step {
    // One of the KIND_ constants below.
    kind: u32,
    // The FLAG_ constants below.
    flags: u32,
    // Items of the step.
    items: u32,
    // Channels read by a convolution, or channels moved by a rearrangement; the last plane may hold fewer than four.
    channels: u32,
    // Planes read and planes written.
    planes_in: u32,
    planes_out: u32,
    // Size of the map that is written.
    height: u32,
    width: u32,
    // Where the map that is read lies; source_row is the length of an image's numbers for KIND_LOAD.
    source: u32,
    source_row: u32,
    source_plane: u32,
    // Where the map that is written lies; dest_row is the length of an image's numbers for KIND_STORE.
    dest: u32,
    dest_row: u32,
    dest_plane: u32,
    // Where the first `rectified_planes` planes of the map that is written go once more, through a ReLU.
    rectified: u32,
    rectified_planes: u32,
    // Index of the first vec4 of its weights, which lie by (channel in, part, plane out) with four outputs a vec4, and
    // of its bias, by (part, plane out). The parts are the taps of a convolution, or scale and shift.
    weights: u32,
    bias: u32,
    // Factor k of the soft clamp 0.7·tanh(k·s).
    slope: f32,
    // Index of its first entry in `tables`.
    table: u32,
    // Index of the first item's log-det among the partial log-dets of the image.
    slot: u32,
}

// An image of the batch.
struct Image {
    // Its number.
    index: u32,
    // Its part of `scratch`: the first vec4.
    base: u32,
    // Its partial log-dets: the first.
    partials: u32,
}

// 3×3 convolution, bias, ReLU.
const KIND_CONVOLVE: u32 = 0u;
// The same with a stride of 2; dest is the smaller map.
const KIND_CONVOLVE_STRIDED: u32 = 1u;
// 1×1 convolution to scale and shift, and the affine coupling of dest with them.
const KIND_COUPLE: u32 = 2u;
// Channel mixing: 1×1 convolution and bias.
const KIND_MIX: u32 = 3u;
// ReLU.
const KIND_RECTIFY: u32 = 4u;
// 2×2 space-to-depth; plane c of dest is channel c of source.
const KIND_FOLD: u32 = 5u;
// The inverse of KIND_FOLD.
const KIND_UNFOLD: u32 = 6u;
// `input` → map, through the table of offsets by (channel, row, column).
const KIND_LOAD: u32 = 7u;
// Map → `output`, in the same way.
const KIND_STORE: u32 = 8u;
// Multiplication with a square matrix along an axis.
const KIND_TRANSFORM: u32 = 9u;

// Couple by the inverse.
const FLAG_INVERSE: u32 = 1u;
// Transform along rows, not along columns.
const FLAG_ALONG_ROW: u32 = 2u;
