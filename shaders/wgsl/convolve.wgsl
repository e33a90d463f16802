// One convolution of a batch, an item an invocation.
//
// Adapters that imitate a GPU on the CPU spend their time on loads, each of one number for four invocations: they need
// many pixels an item. Real ones need many items at a time, and as many registers each.
#variant convolve_7x7x2 ROWS=7 COLUMNS=7 STRIDE=1 PLANES=2
#variant convolve_8x8x2 ROWS=8 COLUMNS=8 STRIDE=1 PLANES=2
#variant convolve_2x8 ROWS=2 COLUMNS=8 STRIDE=1 PLANES=1
#variant strided_7x7 ROWS=7 COLUMNS=7 STRIDE=2 PLANES=1
#variant strided_4x8 ROWS=4 COLUMNS=8 STRIDE=2 PLANES=1
#variant strided_2x8 ROWS=2 COLUMNS=8 STRIDE=2 PLANES=1
#import step
#import layer

@group(0) @binding(0) var<uniform> layer: Layer;
@group(0) @binding(1) var<storage, read> weights: array<vec4f>;
@group(0) @binding(2) var<storage, read_write> scratch: array<vec4f>;

#import convolve
#import items STEP=convolve_${STRIDE}
