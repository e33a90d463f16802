//! A Vulkan driver for the native GPU tests: software, where the machine has no graphics card.

use super::apt;
use crate::error::{Error, Result};
use crate::shell::say;
use std::path::Path;

const DEBIAN_PACKAGES: [&str; 2] = ["mesa-vulkan-drivers", "libvulkan1"];
const DRIVER_FOLDERS: [&str; 3] =
    ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d", "/usr/local/share/vulkan/icd.d"];

/// Finds a software Vulkan, or installs Debian's; a graphics card's driver will do. Only on Linux: Windows and macOS
/// bring Direct3D and Metal.
///
/// # Errors
/// Names the command to type.
pub fn find_or_install() -> Result<()> {
    if !cfg!(target_os = "linux") {
        say("setup", "vulkan: not needed, the system brings its own graphics");
        return Ok(());
    }
    let drivers = drivers();
    if let Some(software) = drivers.iter().find(|driver| is_software(driver)) {
        say("setup", format_args!("vulkan: found the software driver {software}"));
        return Ok(());
    }
    if let Err(error) = apt::install("a software Vulkan", &DEBIAN_PACKAGES) {
        let card = Path::new("/dev/dri/renderD128").exists() || Path::new("/dev/nvidia0").exists();
        return match drivers.first() {
            Some(driver) if card => {
                say("setup", format_args!("vulkan: no software driver; going on with the graphics card's {driver}"));
                Ok(())
            }
            _ if apt::is_debian() => Err(error),
            _ => Err(Error::Missing {
                what: "a Vulkan driver".into(),
                command: "your package manager's install command for mesa-vulkan-drivers (Fedora: sudo dnf install \
                          mesa-vulkan-drivers; Arch: sudo pacman -S vulkan-swrast)"
                    .into(),
            }),
        };
    }
    say("setup", format_args!("vulkan: installed {}", DEBIAN_PACKAGES.join(", ")));
    Ok(())
}

/// Mesa's software Vulkan is called lavapipe, its driver file `lvp_icd.<arch>.json`.
fn is_software(driver: &str) -> bool {
    driver.rsplit('/').next().is_some_and(|name| name.contains("lvp"))
}

fn drivers() -> Vec<String> {
    let folders = DRIVER_FOLDERS.iter().filter_map(|folder| std::fs::read_dir(folder).ok());
    let files = folders.flatten().flatten().map(|entry| entry.path().display().to_string());
    files.filter(|path| path.ends_with(".json")).collect()
}

#[cfg(test)]
mod tests {
    use super::is_software;

    #[test]
    fn lavapipe_is_told_from_the_drivers_of_cards() {
        assert!(is_software("/usr/share/vulkan/icd.d/lvp_icd.x86_64.json"));
        assert!(is_software("/usr/share/vulkan/icd.d/lvp_icd.json"));
        assert!(!is_software("/usr/share/vulkan/icd.d/radeon_icd.x86_64.json"));
        assert!(!is_software("/usr/share/vulkan-lvp/icd.d/intel_icd.json"));
    }
}
