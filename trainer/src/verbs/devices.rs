//! `trainer devices`.

use clap::Args;

use crate::adapters::{Adapter, adapters};
use crate::error::Result;
use ibinn_terminal::output::{bytes, print};

/// Flags of `devices`.
#[derive(Debug, Args)]
#[command(
    after_help = "A driver tells how large a buffer may be, and not how much memory there is: nvidia-smi, rocm-smi and the like do.

Examples:
  trainer devices
  trainer train --device 1 --out runs/on-the-second
  trainer sample model.safetensors --device 4090 --out samples.png"
)]
pub struct DevicesArgs {
    /// Print one JSON array for programs instead of text for people
    #[arg(long)]
    json: bool,
}

pub(super) fn run(args: DevicesArgs) -> Result<()> {
    let adapters = adapters();
    if args.json {
        print(serde_json::Value::from_iter(adapters.iter().enumerate().map(json)));
        return Ok(());
    }
    if adapters.is_empty() {
        print("no GPU adapter: training and running models is done by the CPU");
    }
    for (place, adapter) in adapters.iter().enumerate() {
        print(text(place, adapter));
    }
    Ok(())
}

fn json((place, adapter): (usize, &Adapter)) -> serde_json::Value {
    let Adapter { info, limits, .. } = adapter;
    serde_json::json!({
        "device": place,
        "name": info.name,
        "backend": info.backend.to_string(),
        "kind": adapter.kind(),
        "driver": [&info.driver, &info.driver_info],
        "max_buffer_bytes": limits.max_buffer_size,
        "max_binding_bytes": limits.max_storage_buffer_binding_size,
        "workgroup_bytes": limits.max_compute_workgroup_storage_size,
        "extras": adapter.extras(),
        "lacks": adapter.lacks(),
    })
}

fn text(place: usize, adapter: &Adapter) -> String {
    let Adapter { info, limits, .. } = adapter;
    let driver = [info.driver.as_str(), &info.driver_info].join(" ");
    let or_nothing = |list: String| if list.is_empty() { "nothing".into() } else { list };
    format!(
        "{place}  {}\n   driver   {}\n   buffers  up to {}, {} of it bound to a shader, {} shared by a workgroup\n   has      {}\n   lacks    {}",
        adapter.describe(),
        driver.trim(),
        bytes(limits.max_buffer_size),
        bytes(limits.max_storage_buffer_binding_size),
        bytes(limits.max_compute_workgroup_storage_size.into()),
        or_nothing(adapter.extras().join(", ")),
        or_nothing(adapter.lacks().join("; ")),
    )
}
