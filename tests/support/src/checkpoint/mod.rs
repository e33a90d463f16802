//! Checkpoint files of the authors' program, written for the tests of what reads them.

pub mod file;

use ibinn::ModelSpec;
use ibinn::spec::dct::Dct;
use ibinn::spec::element::{Coupling, Down, Element};
use ibinn::spec::fold::Tensors;

pub use file::{Checkpoint, Kind, Tensor};

/// A network under construction, in the authors' names.
struct Names<'a> {
    tensors: &'a Tensors,
    list: Vec<(String, Tensor)>,
    number: usize,
}

impl Names<'_> {
    fn push(&mut self, name: &str, tensor: Tensor) {
        self.list.push((format!("module_list.{}.{name}", self.number), tensor));
    }

    fn ours(&mut self, name: &str, ours: &str, shape: &[usize]) {
        let values = self.tensors[ours].iter().map(|&v| v as f32).collect();
        self.push(name, Tensor::new(shape, values));
    }

    /// A subnet whose layers conv1, bn1, conv2, bn2, conv3 stand at `positions`.
    fn subnet(&mut self, net: &str, positions: [usize; 5], subnet: &ibinn::spec::element::Subnet) {
        let (ours, w) = (subnet.name.as_str(), subnet.width);
        for (layer, conv, norm, inputs) in
            [(1, positions[0], positions[1], subnet.input), (2, positions[2], positions[3], w)]
        {
            self.ours(
                &format!("{net}.{conv}.weight"),
                &format!("{ours}.conv{layer}.weight"),
                &[w, inputs, 3, 3],
            );
            for (theirs, part) in [
                ("weight", "gamma"),
                ("bias", "beta"),
                ("running_mean", "running_mean"),
                ("running_var", "running_var"),
            ] {
                self.ours(&format!("{net}.{norm}.{theirs}"), &format!("{ours}.bn{layer}.{part}"), &[w]);
            }
            self.push(&format!("{net}.{norm}.num_batches_tracked"), Tensor::zeros(&[]));
        }
        let (conv, output) = (positions[4], subnet.output);
        self.ours(&format!("{net}.{conv}.weight"), &format!("{ours}.conv3.weight"), &[output, w, 1, 1]);
        self.ours(&format!("{net}.{conv}.bias"), &format!("{ours}.conv3.bias"), &[output]);
    }

    fn coupling(&mut self, coupling: &Coupling) {
        let (ours, c) = (&coupling.name, coupling.shape.channels);
        self.ours("act_norm", &format!("{ours}.scale.log_alpha"), &[1, c, 1, 1]);
        self.ours("act_offset", &format!("{ours}.offset"), &[1, c, 1, 1]);
        self.ours("w", &format!("{ours}.mix.matrix"), &[c, c, 1, 1]);
        let w = &self.tensors[&format!("{ours}.mix.matrix")];
        let inverse = (0..c * c).map(|i| w[i % c * c + i / c] as f32).collect();
        self.push("w_inv", Tensor::new(&[c, c, 1, 1], inverse));
        let positions = if coupling.leading_relu { [1, 2, 4, 5, 8] } else { [0, 1, 3, 4, 7] };
        self.subnet("s", positions, &coupling.subnet());
    }

    fn down(&mut self, down: &Down) {
        let (first, second) = down.split();
        self.push("reshape_kernels.0", Tensor::zeros(&[4 * first, 1, 2, 2]));
        self.push("reshape_kernels.1", Tensor::zeros(&[4 * second, 1, 2, 2]));
        self.subnet("s_hi", [0, 1, 3, 4, 6], &down.strided());
        self.subnet("s_lo", [0, 1, 3, 4, 7], &down.lowres());
    }

    fn dct(&mut self, dct: &Dct) {
        let n = dct.n;
        let matrix = |scale: f32| {
            let values = (0..n * n).map(|i| scale * i as f32).collect();
            Tensor { transposed: true, ..Tensor::new(&[n, n], values) }
        };
        self.push("weight", matrix(1.0));
        self.push("inv_weight", matrix(-1.0));
    }
}

impl Checkpoint {
    /// The checkpoint that a network of this architecture and training form would have; `mid_run` adds what a file from the
    /// middle of a run holds besides.
    pub fn of(spec: &ModelSpec, tensors: &Tensors, mid_run: bool) -> Self {
        let mut names = Names { tensors, list: Vec::new(), number: 0 };
        for n in (0..3).filter(|_| mid_run) {
            names.list.push((format!("module_list.{n}.tmp_var_{}", 1717 - n), Tensor::zeros(&[2, 3])));
        }
        for element in spec.elements() {
            names.number += 1;
            match element {
                Element::Haar { .. } => {
                    // The reshape that the authors put before it has no tensors.
                    names.number += 1;
                    names.push("haar_weights", Tensor::zeros(&[4, 1, 2, 2]));
                }
                Element::Coupling(coupling) => names.coupling(coupling),
                Element::Down(down) => names.down(down),
                Element::Dct(dct) => names.dct(dct),
                Element::Permutation { .. } => {}
                Element::Dense(dense) => {
                    for (net, theirs) in dense.nets().into_iter().zip(["s1", "s2"]) {
                        let (ours, input, h, output) = (net.name, net.inputs, net.hidden, net.outputs);
                        names.ours(&format!("{theirs}.0.weight"), &format!("{ours}.fc1.weight"), &[h, input]);
                        names.ours(&format!("{theirs}.0.bias"), &format!("{ours}.fc1.bias"), &[h]);
                        names.ours(
                            &format!("{theirs}.3.weight"),
                            &format!("{ours}.fc2.weight"),
                            &[output, h],
                        );
                        names.ours(&format!("{theirs}.3.bias"), &format!("{ours}.fc2.bias"), &[output]);
                    }
                }
            }
        }
        let means = tensors[ibinn::spec::tensors::MEANS].iter().map(|&v| v as f32).collect();
        let mu = Tensor::new(&[1, spec.classes().len(), spec.dims()], means);
        Self { inn: names.list, mu: Some(mu), optimiser: mid_run }
    }
}
