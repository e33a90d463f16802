//! What encoding gives.

/// A batch of latents, and the log-det of each.
#[derive(Clone, Debug, PartialEq)]
pub struct Encoded<F = f32> {
    /// Latents, N×D.
    pub z: Vec<F>,
    /// log|det ∂z/∂x′| of each image in nats, with the true DCT constant.
    pub log_det: Vec<F>,
}
