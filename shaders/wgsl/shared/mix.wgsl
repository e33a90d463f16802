// Channel mixing, a 1×1 convolution with bias: ROWS × COLUMNS pixels of PLANES planes an item.
#import tile

// Writes a pixel of a plane; with a ReLU, too, where the next subnet reads it so.
fn put_pixel(step: Step, base: u32, plane: u32, pixel: u32, value: vec4f) {
    scratch[base + step.dest + plane * step.dest_plane + pixel] = value;
    if plane < step.rectified_planes {
        scratch[base + step.rectified + plane * step.dest_plane + pixel] = max(value, vec4f());
    }
}

fn mix(step: Step, image: Image, item: u32) {
    let planes = step.planes_out;
    let tile = tile_of(step, item);
    let row = step.source_row;
    let pixel = (tile.y + 1u) * row + tile.x + 1u;
#for p in 0..PLANES
#for r in 0..ROWS
#for c in 0..COLUMNS
    var sum${p}_${r}_${c} = weights[step.bias + tile.plane + ${p}u];
#end
#end
#end
    var w = step.weights + tile.plane;
    var at = image.base + step.source + pixel;
    for (var k = 0u; k < step.planes_in; k++) {
#for p in 0..PLANES
        let m${p} = matrix(w + ${p}u, planes);
#end
#for r in 0..ROWS
#for c in 0..COLUMNS
        let x${r}_${c} = scratch[at + ${r}u * row + ${c}u];
#for p in 0..PLANES
        sum${p}_${r}_${c} = multiply_add(sum${p}_${r}_${c}, m${p}, x${r}_${c});
#end
#end
#end
        w += 4u * planes;
        at += step.source_plane;
    }
#for p in 0..PLANES
#for r in 0..ROWS
#for c in 0..COLUMNS
    if tile.plane + ${p}u < planes && tile.y + ${r}u < step.height && tile.x + ${c}u < step.width {
        put_pixel(step, image.base, tile.plane + ${p}u, pixel + ${r}u * row + ${c}u, sum${p}_${r}_${c});
    }
#end
#end
#end
}
