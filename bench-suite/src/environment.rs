//! What a session's header says of the machine and the build.

use std::fs;
use std::process::Command;
use std::time::SystemTime;

use tenure_record::{Host, RunHeader};

/// A header that describes this binary, this machine and this moment.
#[must_use]
pub fn header(seed: u64) -> RunHeader {
    let mut header = RunHeader::new("tenure", env!("CARGO_PKG_VERSION"), seed);
    header.commit = option_env!("TENURE_COMMIT").map(str::to_owned);
    header.dirty = header.commit.is_some() && checkout_is_dirty();
    header.rustc = option_env!("TENURE_RUSTC").map(str::to_owned);
    header.profile = option_env!("TENURE_PROFILE").map(str::to_owned);
    header.command_line = std::env::args_os().map(|word| word.to_string_lossy().into_owned()).collect();
    if let Some(program) = header.command_line.first_mut() {
        // Where the binary lies is of no use to who repeats the run.
        "tenure".clone_into(program);
    }
    header.started = Some(humantime::format_rfc3339_seconds(SystemTime::now()).to_string());
    header.host = host();
    header
}

/// The machine, as far as it can be asked.
#[must_use]
pub fn host() -> Host {
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    let kernel = match (read("/proc/sys/kernel/ostype"), read("/proc/sys/kernel/osrelease")) {
        (Some(system), Some(release)) => Some(format!("{system} {release}")),
        _ => None,
    };
    Host {
        cpu_model: value_of(&cpuinfo, "model name"),
        cores: std::thread::available_parallelism().ok().and_then(|cores| u32::try_from(cores.get()).ok()),
        kernel,
        memory_bytes: kib(&meminfo, "MemTotal"),
        page_bytes: u64::try_from(rustix::param::page_size()).ok(),
        thp: read("/sys/kernel/mm/transparent_hugepage/enabled").and_then(|text| bracketed(&text)),
        governor: read("/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor"),
        load: read("/proc/loadavg").and_then(|text| load(&text)),
        virtualization: cpuinfo
            .lines()
            .find(|line| line.starts_with("flags"))
            .filter(|flags| flags.split_whitespace().any(|flag| flag == "hypervisor"))
            .map(|_| "a hypervisor".to_owned()),
        emacs: None,
    }
}

/// Memory that programs can still get, in bytes.
#[must_use]
pub fn available_memory() -> Option<u64> {
    kib(&read("/proc/meminfo")?, "MemAvailable")
}

fn checkout_is_dirty() -> bool {
    let status = Command::new("git")
        .args(["-C", env!("CARGO_MANIFEST_DIR"), "status", "--porcelain", "--untracked-files=no"])
        .output();
    status.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}

fn read(path: &str) -> Option<String> {
    let text = fs::read_to_string(path).ok()?;
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// The value of the first `key : value` line.
fn value_of(text: &str, key: &str) -> Option<String> {
    text.lines().find_map(|line| {
        let (name, value) = line.split_once(':')?;
        (name.trim() == key).then(|| value.trim().to_owned())
    })
}

fn kib(text: &str, key: &str) -> Option<u64> {
    let number: u64 = value_of(text, key)?.strip_suffix(" kB")?.parse().ok()?;
    Some(number * 1024)
}

/// The word in brackets, as in `always [madvise] never`.
fn bracketed(text: &str) -> Option<String> {
    text.split_whitespace().find_map(|word| Some(word.strip_prefix('[')?.strip_suffix(']')?.to_owned()))
}

fn load(text: &str) -> Option<[f64; 3]> {
    let mut numbers = text.split_whitespace().map(|word| word.parse::<f64>().ok());
    Some([numbers.next()??, numbers.next()??, numbers.next()??])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_the_kernel() {
        assert_eq!(bracketed("always [madvise] never").as_deref(), Some("madvise"));
        assert_eq!(kib("MemTotal:       24689036 kB\nMemFree: 1 kB", "MemTotal"), Some(24_689_036 * 1024));
        assert_eq!(load("0.52 0.58 0.59 1/467 12345"), Some([0.52, 0.58, 0.59]));
        assert_eq!(value_of("processor\t: 0\nmodel name\t: A B\n", "model name").as_deref(), Some("A B"));
    }
}
