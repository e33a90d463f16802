// One step of a flow program: what happens to the maps of one image between two barriers.
//
// A map is a run of planes in the image's part of `scratch`; a plane holds 4 channels, one vec4 a pixel, in rows
// with a border of zeros: pixel (x, y) of plane g lies at source + g·source_plane + (y + 1)·source_row + x + 1.
// A row ends in one border pixel that also begins the next row.
struct Step {
    // One of the KIND_ constants below.
    kind: u32,
    // Depends on the kind: a flag or a channel count.
    option: u32,
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
    // Index of the first vec4 of its weights and of its bias.
    weights: u32,
    bias: u32,
    // Factor k of the soft clamp 0.7·tanh(k·s).
    slope: f32,
    // Index of its first entry in `tables`.
    table: u32,
}

// 3×3 convolution, bias, ReLU. Option 1: a ReLU stands before it, too.
const KIND_CONVOLVE: u32 = 0u;
// The same with a stride of 2; dest is the smaller map.
const KIND_CONVOLVE_STRIDED: u32 = 1u;
// 1×1 convolution to scale and shift, and the affine coupling of dest with them. Option 1: its inverse.
const KIND_COUPLE: u32 = 2u;
// Channel mixing: 1×1 convolution and bias.
const KIND_MIX: u32 = 3u;
// 2×2 space-to-depth; plane c of dest is channel c of source.
const KIND_FOLD: u32 = 4u;
// The inverse of KIND_FOLD. The option is the number of channels of dest.
const KIND_UNFOLD: u32 = 5u;
// `input` → map, through the table of offsets by (channel, row, column). The option is the number of channels.
const KIND_LOAD: u32 = 6u;
// Map → `output`, in the same way.
const KIND_STORE: u32 = 7u;
// Multiplication with a square matrix along an axis. Option 0: along columns; 1: along rows.
const KIND_TRANSFORM: u32 = 8u;

// The flags that `option` may be.
const OPTION_LEADING_RELU: u32 = 1u;
const OPTION_INVERSE: u32 = 1u;
const OPTION_ALONG_ROW: u32 = 1u;
