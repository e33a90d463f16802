// One step of a batch that is no 3×3 convolution, an item an invocation.
//
// A shader for each kind: adapters that imitate a GPU would run the parts of all of them, and mask their effects. They
// need larger items, too, as for convolutions.
#variant step_couple STEP=couple ROWS=1 COLUMNS=8 PLANES=1
#variant step_couple_2x8 STEP=couple ROWS=2 COLUMNS=8 PLANES=1
#variant step_mix STEP=mix ROWS=1 COLUMNS=8 PLANES=1
#variant step_mix_2x8x2 STEP=mix ROWS=2 COLUMNS=8 PLANES=2
#variant step_rectify STEP=rectify
#variant step_fold STEP=fold
#variant step_unfold STEP=unfold
#variant step_load STEP=load
#variant step_store STEP=store
#variant step_transform STEP=transform
#import step
#import layer
#import matrix
#import clamp

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read> tables: array<u32>;
@group(0) @binding(3) var<storage, read> input: array<f32>;
@group(0) @binding(4) var<storage, read_write> scratch: array<vec4f>;
@group(0) @binding(5) var<storage, read_write> output: array<f32>;
@group(0) @binding(6) var<storage, read_write> partials: array<f32>;

#import ${STEP}
#import items
