//! Linear layers, as sizes.

/// A linear layer with a bias.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LinearLayer {
    /// Path of its tensors.
    pub name: &'static str,
    /// Numbers in.
    pub inputs: usize,
    /// Numbers out.
    pub outputs: usize,
}

/// Two linear layers with a ReLU between them: a subnet of the dense coupling (method §2.6), or what the dense residual
/// block adds (method §2.8).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DenseNet {
    /// Path of its tensors.
    pub name: &'static str,
    /// Numbers in.
    pub inputs: usize,
    /// Hidden units.
    pub hidden: usize,
    /// Numbers out; in a coupling the first half scale, the second half shift.
    pub outputs: usize,
}
