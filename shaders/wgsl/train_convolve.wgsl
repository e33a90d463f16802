// Forwards: 8 channels of a pixel of a convolution with padding 1, or of a 1×1 convolution with a bias.
#variant train_first INPUT=plain SIDE=3 HALF=1 START=zero
#variant train_first_rectified INPUT=rectified SIDE=3 HALF=1 START=zero
#variant train_second INPUT=normalized SIDE=3 HALF=1 START=zero
#variant train_last INPUT=masked SIDE=1 HALF=0 START=biased
#import trained_convolution
@group(0) @binding(1) var<storage, read_write> values: array<f32>;
@group(0) @binding(2) var<storage, read_write> output: array<f32>;
#import trained_input_${INPUT} INPUT_AT=3
#import trained_start_${START}

@compute @workgroup_size(64)
fn main(@builtin(global_invocation_id) id: vec3u, @builtin(num_workgroups) groups: vec3u) {
    let item = id.x + 64u * groups.x * id.z;
    let pixels = layer.height * layer.width;
    if item >= layer.batch * pixels {
        return;
    }
    let image = item / pixels;
    let place = item % pixels;
    let top = i32(layer.stride * (place / layer.width)) - ${HALF};
    let left = i32(layer.stride * (place % layer.width)) - ${HALF};
    let first = 8u * id.y;
    #for k in 0..8
    let output${k} = min(first + ${k}u, layer.outputs - 1u);
    var sum${k} = start(output${k});
    #end
    for (var i = 0u; i < layer.inputs; i++) {
        #for r in 0..SIDE
        #for c in 0..SIDE
        {
            let row = top + ${r};
            let column = left + ${c};
            if row >= 0 && row < i32(layer.input_height) && column >= 0 && column < i32(layer.input_width) {
                let x = input_at(image, i, u32(row) * layer.input_width + u32(column));
                #for k in 0..8
                sum${k} += x * values[layer.weight + (output${k} * layer.inputs + i) * ${SIDE*SIDE}u + ${SIDE*r+c}u];
                #end
            }
        }
        #end
        #end
    }
    let at = (image * layer.outputs + first) * pixels + place;
    #for k in 0..8
    if first + ${k}u < layer.outputs {
        output[at + ${k}u * pixels] = sum${k};
    }
    #end
}
