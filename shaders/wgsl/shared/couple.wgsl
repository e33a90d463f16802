// The affine coupling of ROWS × COLUMNS pixels of one plane an item, with scale and shift from a 1×1 convolution.
#import tile

// Couples the pixel at i with the raw scale s and shift t; returns Σℓ of its four channels. Channels that pass through
// have s = t = 0.
fn couple_pixel(i: u32, s: vec4f, t: vec4f, step: Step) -> f32 {
    let l = soft_clamp(s, step.slope);
    let x = scratch[i];
    if (step.flags & FLAG_INVERSE) != 0u {
        scratch[i] = (x - t) * exp(-l);
    } else {
        scratch[i] = fma(x, exp(l), t);
    }
    return dot(l, vec4f(1.0));
}

// Couples pixels of dest in place with the last hidden layer in source, and on the way to latents writes their Σℓ.
fn couple(step: Step, image: Image, item: u32) {
    let planes = step.planes_out;
    let tile = tile_of(step, item);
    let row = step.source_row;
    let pixel = (tile.y + 1u) * row + tile.x + 1u;
#for r in 0..ROWS
#for c in 0..COLUMNS
    var s${r}_${c} = weights[step.bias + tile.plane];
    var t${r}_${c} = weights[step.bias + planes + tile.plane];
#end
#end
    var w = step.weights + tile.plane;
    var at = image.base + step.source + pixel;
    for (var k = 0u; k < step.planes_in; k++) {
        let scale = matrix(w, 2u * planes);
        let shift = matrix(w + planes, 2u * planes);
#for r in 0..ROWS
#for c in 0..COLUMNS
        let x${r}_${c} = scratch[at + ${r}u * row + ${c}u];
        s${r}_${c} = multiply_add(s${r}_${c}, scale, x${r}_${c});
        t${r}_${c} = multiply_add(t${r}_${c}, shift, x${r}_${c});
#end
#end
        w += 8u * planes;
        at += step.source_plane;
    }
    let i = image.base + step.dest + tile.plane * step.dest_plane + pixel;
    var log_det = 0.0;
#for r in 0..ROWS
#for c in 0..COLUMNS
    if tile.y + ${r}u < step.height && tile.x + ${c}u < step.width {
        log_det += couple_pixel(i + ${r}u * row + ${c}u, s${r}_${c}, t${r}_${c}, step);
    }
#end
#end
    // Decoding leaves them alone: its items may be fewer or other ones, and encoding would add up what they left.
    if (step.flags & FLAG_INVERSE) == 0u {
        partials[image.partials + step.slot + item] = log_det;
    }
}
