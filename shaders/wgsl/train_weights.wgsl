// Backwards: the gradient of a convolution's weights from one input to 4 outputs, a workgroup each; behind the last input that
// of the bias.
#variant train_first_weights INPUT=plain SIDE=3 HALF=1 SLOPE=normalized OUTER_AT=3 INPUT_AT=5
#variant train_first_weights_rectified INPUT=rectified SIDE=3 HALF=1 SLOPE=normalized OUTER_AT=3 INPUT_AT=5
#variant train_second_weights INPUT=normalized SIDE=3 HALF=1 SLOPE=normalized OUTER_AT=3 INPUT_AT=5
#variant train_last_weights INPUT=masked SIDE=1 HALF=0 SLOPE=plain OUTER_AT=3 INPUT_AT=3
#import trained_convolution
@group(0) @binding(1) var<storage, read_write> gradient: array<f32>;
#import trained_slope_${SLOPE} OUTER_AT=OUTER_AT
#import trained_input_${INPUT} INPUT_AT=INPUT_AT

var<workgroup> parts: array<f32, ${256*SIDE*SIDE}>;

@compute @workgroup_size(64)
fn main(@builtin(workgroup_id) group: vec3u, @builtin(local_invocation_index) lane: u32) {
    let pixels = layer.height * layer.width;
    let first = 4u * group.x;
    let is_bias = group.y == layer.inputs;
    let channel = min(group.y, layer.inputs - 1u);
    #for k in 0..4
    let output${k} = min(first + ${k}u, layer.outputs - 1u);
    #for t in 0..SIDE*SIDE
    var sum${k}_${t} = 0.0;
    #end
    #end
    for (var item = lane; item < layer.batch * pixels; item += 64u) {
        let image = item / pixels;
        let place = item % pixels;
        let top = i32(layer.stride * (place / layer.width)) - ${HALF};
        let left = i32(layer.stride * (place % layer.width)) - ${HALF};
        #for k in 0..4
        let slope${k} = slope_at(image, output${k}, place);
        #end
        #for r in 0..SIDE
        #for c in 0..SIDE
        {
            let row = top + ${r};
            let column = left + ${c};
            if row >= 0 && row < i32(layer.input_height) && column >= 0 && column < i32(layer.input_width) {
                let value = input_at(image, channel, u32(row) * layer.input_width + u32(column));
                let x = select(value, 1.0, is_bias);
                #for k in 0..4
                sum${k}_${SIDE*r+c} += slope${k} * x;
                #end
            }
        }
        #end
        #end
    }
    #for k in 0..4
    #for t in 0..SIDE*SIDE
    parts[64u * ${SIDE*SIDE*k+t}u + lane] = sum${k}_${t};
    #end
    #end
    workgroupBarrier();
    let output = first + lane / ${SIDE*SIDE}u;
    if lane < ${4*SIDE*SIDE}u && output < layer.outputs {
        var sum = 0.0;
        for (var i = 0u; i < 64u; i++) {
            sum += parts[64u * lane + i];
        }
        let weight = layer.weight + (output * layer.inputs + channel) * ${SIDE*SIDE}u + lane % ${SIDE*SIDE}u;
        gradient[select(weight, layer.bias + output, is_bias)] = sum;
    }
}
