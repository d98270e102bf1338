//! How much memory this process may have, and has: the machine's, its control groups' and its own limits.

use std::path::Path;

/// What is taken to be there where the system does not say.
const UNKNOWN: u64 = 4 << 30;

/// Bytes of memory this process can take before something stops it: the least of what the machine has left without
/// swapping, what its control groups (containers) have left, and what is left of its address space and data limits
/// (`ulimit`). 4 GiB where the system says none of these.
///
/// ```
/// assert!(gridloom::schedule::available_memory() > 0);
/// ```
#[must_use]
pub fn available_memory() -> u64 {
    let read = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let machine = kib(&read("/proc/meminfo"), "MemAvailable");
    let own = process_room(&read("/proc/self/limits"), &read("/proc/self/status"));
    let groups = group_room(Path::new("/sys/fs/cgroup"), &read("/proc/self/cgroup"));
    [machine, own, groups].into_iter().flatten().min().unwrap_or(UNKNOWN)
}

/// Bytes of memory this process holds now, if the system says.
#[must_use]
pub fn resident() -> Option<u64> {
    status("VmRSS")
}

/// Most bytes of memory this process has held at one time, if the system says.
///
/// ```
/// if let (Some(now), Some(peak)) = (gridloom::schedule::resident(), gridloom::schedule::resident_peak()) {
///     assert!(now > 0 && peak > 0);
/// }
/// ```
#[must_use]
pub fn resident_peak() -> Option<u64> {
    status("VmHWM")
}

fn status(name: &str) -> Option<u64> {
    kib(&std::fs::read_to_string("/proc/self/status").ok()?, name)
}

/// The bytes of a line `Name:   123 kB`, as in `/proc/meminfo` and `/proc/self/status`.
fn kib(text: &str, name: &str) -> Option<u64> {
    let line = text.lines().find_map(|line| line.strip_prefix(name)?.strip_prefix(':'))?;
    line.split_whitespace().next()?.parse::<u64>().ok()?.checked_mul(1024)
}

/// What is left of the limits of the process itself: those of its address space and of its data are limits of what is
/// mapped, whether or not it is used.
fn process_room(limits: &str, status: &str) -> Option<u64> {
    let left = |limit: &str, mapped: &str| {
        let limit = limits.lines().find_map(|line| line.strip_prefix(limit))?;
        // The soft limit comes first; "unlimited" is no number.
        let limit: u64 = limit.split_whitespace().next()?.parse().ok()?;
        Some(limit.saturating_sub(kib(status, mapped).unwrap_or(0)))
    };
    [left("Max address space", "VmSize"), left("Max data size", "VmData")].into_iter().flatten().min()
}

/// Where a version of control groups keeps what a group may have, has, and could give back.
struct Version {
    /// Folders of the root group, below `/sys/fs/cgroup`.
    roots: &'static [&'static str],
    limits: &'static [&'static str],
    usage: &'static str,
    /// Names in `memory.stat` of bytes of files that are held as long as nothing else needs the room.
    files: [&'static str; 2],
}

const V1: Version = Version {
    roots: &["memory"],
    limits: &["memory.limit_in_bytes"],
    usage: "memory.usage_in_bytes",
    files: ["total_inactive_file", "total_active_file"],
};
const V2: Version = Version {
    roots: &["", "unified"],
    // Beyond `high` a group is slowed down until it is of no use.
    limits: &["memory.max", "memory.high"],
    usage: "memory.current",
    files: ["inactive_file", "active_file"],
};

/// What the groups of this process have left, by `/proc/self/cgroup`: the least of each group and those it is in. In a
/// container the group may be named by its place outside of it; the part of that path that is there is looked at.
fn group_room(mounted: &Path, membership: &str) -> Option<u64> {
    let rooms = membership.lines().filter_map(|line| {
        let mut fields = line.splitn(3, ':').skip(1);
        let (controllers, group) = (fields.next()?, fields.next()?);
        let version = match controllers {
            "" => &V2,
            v1 if v1.split(',').any(|c| c == "memory") => &V1,
            _ => return None,
        };
        let group = Path::new(group.trim_start_matches('/'));
        let folders = version.roots.iter().flat_map(|root| group.ancestors().map(move |at| Path::new(root).join(at)));
        folders.filter_map(|folder| room(&mounted.join(folder), version)).min()
    });
    rooms.min()
}

/// What one group has left. Cached files count as left: they go when the room is needed, and a run that reads files would
/// otherwise find its own limit used up by them.
fn room(folder: &Path, version: &Version) -> Option<u64> {
    let read = |name: &str| std::fs::read_to_string(folder.join(name)).ok();
    // "max" is no number: no limit.
    let limits = version.limits.iter().filter_map(|name| read(name)?.trim().parse::<u64>().ok());
    let usage = read(version.usage)?.trim().parse::<u64>().ok()?;
    Some(limits.min()?.saturating_sub(usage.saturating_sub(cached(&read("memory.stat").unwrap_or_default(), version))))
}

/// Bytes of cached files, of lines `name 123`.
fn cached(stat: &str, version: &Version) -> u64 {
    let bytes = |line: &str| {
        let (name, bytes) = line.split_once(' ')?;
        if version.files.contains(&name) { bytes.trim().parse::<u64>().ok() } else { None }
    };
    stat.lines().filter_map(bytes).fold(0, u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use super::*;

    const STATUS: &str = "Name:\tcat\nUmask:\t0022\nVmPeak:\t    3060 kB\nVmSize:\t    3060 kB\nVmHWM:\t    1620 kB\nVmRSS:\t    1608 kB\nVmData:\t     360 kB\n";

    /// `/proc/self/limits`, with these two.
    fn limits(data: &str, space: &str) -> String {
        format!(
            "Limit                     Soft Limit           Hard Limit           Units     \n\
             Max cpu time              unlimited            unlimited            seconds   \n\
             Max data size             {data:<20} unlimited            bytes     \n\
             Max stack size            8388608              unlimited            bytes     \n\
             Max address space         {space:<20} unlimited            bytes     \n"
        )
    }

    #[test]
    fn lines_of_the_system_are_read() {
        let meminfo = "MemTotal:       24683656 kB\nMemFree:        23991024 kB\nMemAvailable:   24222652 kB\n";
        assert_eq!(kib(meminfo, "MemAvailable"), Some(24_222_652 << 10));
        assert_eq!(kib(meminfo, "Mem"), None);
        assert_eq!(kib(STATUS, "VmHWM"), Some(1620 << 10));
        assert_eq!(kib("VmHWM:\t  many kB", "VmHWM"), None);
        assert_eq!(kib("", "VmHWM"), None);
    }

    #[test]
    fn limits_of_the_process_less_what_is_mapped() {
        assert_eq!(process_room(&limits("unlimited", "unlimited"), STATUS), None);
        assert_eq!(process_room(&limits("unlimited", "8388608"), STATUS), Some((8 << 20) - (3060 << 10)));
        assert_eq!(process_room(&limits("1048576", "8388608"), STATUS), Some((1 << 20) - (360 << 10)));
        assert_eq!(process_room(&limits("1024", "unlimited"), STATUS), Some(0));
        assert_eq!(process_room("", ""), None);
    }

    /// A file system of control groups: folder, file, text.
    fn groups(files: &[(&str, &str, &str)]) -> tempfile::TempDir {
        let mounted = tempfile::tempdir().unwrap();
        for (folder, file, text) in files {
            let folder = mounted.path().join(folder);
            std::fs::create_dir_all(&folder).unwrap();
            std::fs::write(folder.join(file), text).unwrap();
        }
        mounted
    }

    #[test]
    fn the_tightest_of_nested_groups_counts() {
        let mounted = groups(&[
            ("user.slice", "memory.max", "max\n"),
            ("user.slice", "memory.current", "900\n"),
            ("user.slice/job", "memory.max", "5000\n"),
            ("user.slice/job", "memory.high", "max\n"),
            ("user.slice/job", "memory.current", "3000\n"),
            ("user.slice/job", "memory.stat", "anon 1800\nfile 1200\ninactive_file 700\nactive_file 100\nshmem 400\n"),
            ("user.slice/job/step", "memory.max", "9000\n"),
            ("user.slice/job/step", "memory.current", "100\n"),
        ]);
        let at = |membership| group_room(mounted.path(), membership);
        assert_eq!(at("0::/user.slice/job/step\n"), Some(2800));
        assert_eq!(at("0::/user.slice/job\n"), Some(2800));
        assert_eq!(at("0::/user.slice\n"), None);
        assert_eq!(at("0::/elsewhere\n"), None);
        assert_eq!(at("0::/\n"), None);
        assert_eq!(at("no such thing"), None);
        std::fs::write(mounted.path().join("user.slice/job/memory.high"), "2500\n").unwrap();
        assert_eq!(at("0::/user.slice/job/step\n"), Some(300));
        std::fs::write(mounted.path().join("user.slice/job/memory.current"), "8000\n").unwrap();
        assert_eq!(at("0::/user.slice/job/step\n"), Some(0));
    }

    #[test]
    fn both_versions_of_groups_are_known() {
        let mounted = groups(&[
            ("memory", "memory.limit_in_bytes", "9223372036854771712\n"),
            ("memory", "memory.usage_in_bytes", "1000\n"),
            ("memory/docker/x", "memory.limit_in_bytes", "4096\n"),
            ("memory/docker/x", "memory.usage_in_bytes", "1096\n"),
            ("memory/docker/x", "memory.stat", "cache 50\ntotal_inactive_file 90\ntotal_active_file 6\n"),
            ("unified/job", "memory.max", "2000\n"),
            ("unified/job", "memory.current", "0\n"),
        ]);
        let at = |membership| group_room(mounted.path(), membership);
        assert_eq!(at("9:name=systemd:/\n4:cpu,memory:/docker/x\n0::/\n"), Some(3096));
        assert_eq!(at("4:memory:/docker/x\n0::/job\n"), Some(2000));
        // Only the root is mounted, as in containers without a group namespace.
        assert_eq!(at("4:memory:/kubepods/y\n"), Some(9_223_372_036_854_770_712));
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn this_process_has_some_memory() {
        let held = vec![1u8; 32 << 20];
        assert!(resident().unwrap() >= held.len() as u64);
        assert!(resident_peak().unwrap() >= held.len() as u64);
        let meminfo = std::fs::read_to_string("/proc/meminfo").unwrap();
        let left = available_memory();
        assert!(left > 0 && left <= kib(&meminfo, "MemTotal").unwrap());
        drop(held);
    }
}
