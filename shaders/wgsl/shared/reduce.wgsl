// The sum of one number from each of the 64 invocations of a workgroup, always in the same order.
var<workgroup> partial_sums: array<f32, 64>;

fn sum_of_workgroup(value: f32, lane: u32) -> f32 {
    partial_sums[lane] = value;
    workgroupBarrier();
    for (var half = 32u; half > 0u; half /= 2u) {
        if lane < half {
            partial_sums[lane] += partial_sums[lane + half];
        }
        workgroupBarrier();
    }
    return partial_sums[0];
}
