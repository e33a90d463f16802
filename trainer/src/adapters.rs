//! The GPU adapters of this machine, by number or name, and what they lack.

use burn::tensor::DeviceKind;
use wgpu::{AdapterInfo, DeviceType, Features, Limits};

use crate::error::{Error, Result};

/// A GPU adapter.
#[derive(Clone, Debug)]
pub struct Adapter {
    /// What the driver says of it.
    pub info: AdapterInfo,
    /// How large things may be on it.
    pub limits: Limits,
    /// What it can do beyond the least.
    pub features: Features,
}

/// The adapters of this machine; their places are the numbers that `--device` takes.
pub fn adapters() -> Vec<Adapter> {
    let found = pollster::block_on(ibinn::gpu::adapters());
    let told = |adapter: &wgpu::Adapter| Adapter {
        info: adapter.get_info(),
        limits: adapter.limits(),
        features: adapter.features(),
    };
    found.iter().map(told).collect()
}

impl Adapter {
    /// What kind of device it is, in words.
    pub fn kind(&self) -> &'static str {
        match self.info.device_type {
            DeviceType::DiscreteGpu => "discrete GPU",
            DeviceType::IntegratedGpu => "integrated GPU",
            DeviceType::VirtualGpu => "virtual GPU",
            DeviceType::Cpu => "software adapter",
            DeviceType::Other => "unknown kind",
        }
    }

    /// What it lacks to run models or to train them, each in words.
    pub fn lacks(&self) -> Vec<String> {
        let mut lacks = Vec::new();
        // The engine asks for WebGPU's defaults, and training for what there is.
        let engine = Limits::default();
        engine.check_limits_with_fail_fn(&self.limits, false, |limit, needed, has| {
            lacks.push(format!("{limit} is {has}, and running models needs {needed}"));
        });
        if self.info.device_type == DeviceType::Other {
            lacks.push("a kind that training knows: it runs models, and trains none".into());
        }
        lacks
    }

    /// What it has that makes some kernels faster, in words.
    pub fn extras(&self) -> Vec<&'static str> {
        let extras = [(Features::SUBGROUP, "subgroups"), (Features::SHADER_F16, "half precision")];
        extras
            .into_iter()
            .filter(|(feature, _)| self.features.contains(*feature))
            .map(|(_, name)| name)
            .collect()
    }

    /// As in "NVIDIA RTX 4090 (vulkan, discrete GPU)".
    pub fn describe(&self) -> String {
        format!("{} ({}, {})", self.info.name, self.info.backend, self.kind())
    }
}

/// The place of the adapter that `wanted` names: a number, or a part of one's name that no other has.
///
/// # Errors
/// [`Error::Usage`] when it names none or several; the message lists those that there are.
pub fn find(adapters: &[Adapter], wanted: &str) -> Result<usize> {
    let listed = || {
        let each =
            adapters.iter().enumerate().map(|(place, adapter)| format!("{place} {}", adapter.describe()));
        each.collect::<Vec<_>>().join("; ")
    };
    let refused = |why: String| {
        Err(Error::Usage(match adapters {
            [] => "--device: this machine offers no GPU adapter; install its driver, or leave the flag out"
                .into(),
            _ => format!("--device: {why}; there are: {}", listed()),
        }))
    };
    // A number that is no place may be a part of a name, as in "4090".
    let number = wanted.parse::<usize>().ok();
    if let Some(place) = number.filter(|&place| place < adapters.len()) {
        return Ok(place);
    }
    let lower = wanted.to_lowercase();
    let named: Vec<usize> = adapters
        .iter()
        .enumerate()
        .filter(|(_, adapter)| !lower.is_empty() && adapter.info.name.to_lowercase().contains(&lower))
        .map(|(place, _)| place)
        .collect();
    match named[..] {
        [place] => Ok(place),
        [] if number.is_some() => refused(format!("there is no adapter {wanted}")),
        [] => refused(format!("no adapter is called `{wanted}`")),
        _ => refused(format!("several adapters are called `{wanted}`, name one by its number")),
    }
}

/// What Burn calls the adapter at `place`: it counts each kind by itself, in the same order.
///
/// # Errors
/// [`Error::Usage`] when Burn has no name for it.
pub fn burn_kind(adapters: &[Adapter], place: usize) -> Result<DeviceKind> {
    let adapter = &adapters[place];
    let kind = adapter.info.device_type;
    let before = adapters[..place].iter().filter(|other| other.info.device_type == kind).count();
    Ok(match kind {
        DeviceType::DiscreteGpu => DeviceKind::DiscreteGpu(before),
        DeviceType::IntegratedGpu => DeviceKind::IntegratedGpu(before),
        DeviceType::VirtualGpu => DeviceKind::VirtualGpu(before),
        DeviceType::Cpu if before == 0 => DeviceKind::Cpu,
        _ => {
            return Err(Error::Usage(format!(
                "--device: {} can run models, and cannot train them: {}",
                adapter.describe(),
                "training tells adapters apart by their kind, and knows real GPUs and the first software adapter"
            )));
        }
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn adapter(name: &str, device_type: DeviceType) -> Adapter {
        let info = AdapterInfo { name: name.into(), ..AdapterInfo::new(device_type, wgpu::Backend::Vulkan) };
        Adapter { info, limits: Limits::default(), features: Features::empty() }
    }

    fn machine() -> Vec<Adapter> {
        vec![
            adapter("Intel Iris", DeviceType::IntegratedGpu),
            adapter("NVIDIA RTX 4090", DeviceType::DiscreteGpu),
            adapter("llvmpipe", DeviceType::Cpu),
            adapter("NVIDIA RTX 3060", DeviceType::DiscreteGpu),
            adapter("odd", DeviceType::Other),
        ]
    }

    #[test]
    fn an_adapter_is_found_by_number_or_by_a_part_of_its_name() {
        let all = machine();
        for (wanted, place) in [("0", 0), ("3", 3), ("4090", 1), ("nvidia rtx 3060", 3), ("LLVM", 2)] {
            assert_eq!(find(&all, wanted).unwrap(), place, "{wanted}");
        }
        for (wanted, told) in [
            ("5", "there is no adapter 5; there are: 0 Intel Iris (vulkan, integrated GPU); 1 NVIDIA"),
            ("nvidia", "several adapters are called `nvidia`, name one by its number; there are: 0 "),
            ("radeon", "no adapter is called `radeon`"),
            ("", "no adapter is called ``"),
            ("-1", "no adapter is called `-1`"),
        ] {
            let message = find(&all, wanted).unwrap_err().to_string();
            assert!(message.contains(told), "{message}");
        }
        assert!(find(&[], "0").unwrap_err().to_string().contains("offers no GPU adapter"));
    }

    #[test]
    fn burn_counts_each_kind_by_itself() {
        let all = machine();
        let kinds: Vec<DeviceKind> = (0..4).map(|place| burn_kind(&all, place).unwrap()).collect();
        assert_eq!(
            kinds,
            [
                DeviceKind::IntegratedGpu(0),
                DeviceKind::DiscreteGpu(0),
                DeviceKind::Cpu,
                DeviceKind::DiscreteGpu(1)
            ]
        );
        assert!(burn_kind(&all, 4).unwrap_err().to_string().contains("cannot train"));
    }

    #[test]
    fn what_an_adapter_lacks_is_told_with_what_is_needed() {
        let mut small = adapter("small", DeviceType::IntegratedGpu);
        small.limits.max_storage_buffer_binding_size = 64 << 20;
        small.features = Features::SUBGROUP;
        let told = "max_storage_buffer_binding_size is 67108864, and running models needs 134217728";
        assert_eq!((small.lacks(), small.extras()), (vec![told.to_string()], vec!["subgroups"]));
        assert!(adapter("plain", DeviceType::DiscreteGpu).lacks().is_empty());
        assert_eq!(adapter("odd", DeviceType::Other).lacks().len(), 1);
    }
}
