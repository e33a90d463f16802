// A 3×3 convolution with zero padding, bias and ReLU: ROWS × COLUMNS pixels of PLANES output planes an item, at STRIDE.
//
// One input channel at a time: its window of the source lies in named values, and so do the sums.
#import window
#import tile

fn convolve_${STRIDE}(step: Step, image: Image, item: u32) {
    let planes = step.planes_out;
    let tile = tile_of(step, item);
    let row = step.source_row;
#for p in 0..PLANES
    let bias${p} = weights[step.bias + tile.plane + ${p}u];
#for r in 0..ROWS
#for c in 0..COLUMNS
    var sum${p}_${r}_${c} = bias${p};
#end
#end
#end
    for (var k = 0u; k < step.channels; k++) {
        let at = image.base + step.source + k / 4u * step.source_plane + ${STRIDE}u * (tile.y * row + tile.x);
        let part = k % 4u;
#for r in 0..STRIDE*ROWS+3-STRIDE
        let row${r} = at + ${r}u * row;
#for c in 0..STRIDE*COLUMNS+3-STRIDE
        let x${r}_${c} = scratch[row${r} + ${c}u][part];
#end
#end
        let w = step.weights + 9u * k * planes + tile.plane;
#for p in 0..PLANES
        let taps${p} = Taps(
#for t in 0..9
            weights[w + ${t}u * planes + ${p}u],
#end
        );
#for r in 0..ROWS
#for c in 0..COLUMNS
        sum${p}_${r}_${c} = add_windows(
            sum${p}_${r}_${c},
            taps${p},
            x${STRIDE*r}_${STRIDE*c}, x${STRIDE*r}_${STRIDE*c+1}, x${STRIDE*r}_${STRIDE*c+2},
            x${STRIDE*r+1}_${STRIDE*c}, x${STRIDE*r+1}_${STRIDE*c+1}, x${STRIDE*r+1}_${STRIDE*c+2},
            x${STRIDE*r+2}_${STRIDE*c}, x${STRIDE*r+2}_${STRIDE*c+1}, x${STRIDE*r+2}_${STRIDE*c+2},
        );
#end
#end
#end
    }
    // The border right of a map and below it must stay zero.
    let out = image.base + step.dest + tile.plane * step.dest_plane + (tile.y + 1u) * step.dest_row + tile.x + 1u;
#for p in 0..PLANES
    if tile.plane + ${p}u < planes {
#for r in 0..ROWS
#for c in 0..COLUMNS
        if tile.y + ${r}u < step.height && tile.x + ${c}u < step.width {
            scratch[out + ${p}u * step.dest_plane + ${r}u * step.dest_row + ${c}u] = max(sum${p}_${r}_${c}, vec4f());
        }
#end
#end
    }
#end
}
