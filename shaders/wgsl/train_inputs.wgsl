// Backwards: the gradient of 8 channels of a pixel of what a convolution saw.
#variant train_last_inputs SIDE=1 HALF=0 SLOPE=plain RESULT=masked OUTER_AT=4 INPUT_AT=4
#variant train_second_inputs SIDE=3 HALF=1 SLOPE=normalized RESULT=normalized OUTER_AT=4 INPUT_AT=6
#variant train_first_inputs SIDE=3 HALF=1 SLOPE=normalized RESULT=plain OUTER_AT=4 INPUT_AT=6
#variant train_first_inputs_rectified SIDE=3 HALF=1 SLOPE=normalized RESULT=rectified OUTER_AT=4 INPUT_AT=6
#import trained_convolution
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(3) var<storage, read_write> result: array<f32>;
#import trained_slope_${SLOPE} OUTER_AT=OUTER_AT
#import trained_result_${RESULT} INPUT_AT=INPUT_AT

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let item = id.x + 64u * groups.x * id.z;
    let pixels = layer.input_height * layer.input_width;
    if item >= layer.batch * pixels {
        return;
    }
    let image = item / pixels;
    let place = item % pixels;
    let stride = i32(layer.stride);
    let bottom = i32(place / layer.input_width) + ${HALF};
    let right = i32(place % layer.input_width) + ${HALF};
    let first = 8u * id.y;
    #for k in 0..8
    let input${k} = min(first + ${k}u, layer.inputs - 1u);
    var sum${k} = 0.0;
    #end
    for (var o = 0u; o < layer.outputs; o++) {
        let weights = layer.weight + o * layer.inputs * ${SIDE*SIDE}u;
        #for r in 0..SIDE
        #for c in 0..SIDE
        {
            // The pixel that saw this one through weight (r, c).
            let row = bottom - ${r};
            let column = right - ${c};
            let saw = row >= 0 && column >= 0 && row % stride == 0 && column % stride == 0;
            if saw && row / stride < i32(layer.height) && column / stride < i32(layer.width) {
                let slope = slope_at(image, o, u32(row / stride) * layer.width + u32(column / stride));
                #for k in 0..8
                sum${k} += slope * values[weights + input${k} * ${SIDE*SIDE}u + ${SIDE*r+c}u];
                #end
            }
        }
        #end
        #end
    }
    #for k in 0..8
    if first + ${k}u < layer.inputs {
        give(image, first + ${k}u, place, sum${k});
    }
    #end
}
