//! Files are there whole or not at all, whenever their process ends, and are like those they replace.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Command, Stdio};
use std::time::Duration;

use super::*;

/// Names in a folder.
fn names(folder: &Path) -> Vec<String> {
    let mut names: Vec<String> =
        fs::read_dir(folder).unwrap().map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// Starts a file, with or without a name meanwhile.
fn start(path: &Path, has_name: bool) -> WholeFile {
    let whole = if has_name { WholeFile::start(path, |_, _| None) } else { WholeFile::create(path) }.unwrap();
    assert!(whole.part.is_some() || !has_name);
    whole
}

#[test]
fn a_file_appears_whole_or_not_at_all() {
    for has_name in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        drop(start(&path, has_name));
        assert!(names(folder.path()).is_empty());
        for text in ["old", "new and longer", ""] {
            let before = fs::read(&path).ok();
            let dropped = start(&path, has_name);
            dropped.file().write_all(b"dropped").unwrap();
            drop(dropped);
            let whole = start(&path, has_name);
            whole.file().write_all(text.as_bytes()).unwrap();
            assert_eq!(fs::read(&path).ok(), before);
            whole.finish().unwrap();
            assert_eq!((names(folder.path()), fs::read(&path).unwrap()), (vec!["x".into()], text.into()));
        }
        // One that came while it was written is replaced too.
        fs::remove_file(&path).unwrap();
        let whole = start(&path, has_name);
        fs::write(&path, "other").unwrap();
        whole.finish().unwrap();
        assert_eq!((names(folder.path()), fs::read(&path).unwrap()), (vec!["x".into()], vec![]));
    }
}

/// Run by [`a_killed_process_leaves_nothing_for_long`] in a process of its own: writes the same file for ever.
#[test]
#[ignore = "run in a child process by a_killed_process_leaves_nothing_for_long"]
fn child_writes_for_ever() {
    let Ok(path) = std::env::var("GRIDLOOM_TEST_PATH") else { return };
    let has_name = std::env::var_os("GRIDLOOM_TEST_HAS_NAME").is_some();
    loop {
        let whole = start(Path::new(&path), has_name);
        for _ in 0..16 {
            whole.file().write_all(&[7; 4096]).unwrap();
        }
        whole.finish().unwrap();
        println!("written");
    }
}

#[cfg(unix)]
#[test]
fn a_killed_process_leaves_nothing_for_long() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let mut left = 0;
    for kill in 0..60_u64 {
        let has_name = kill % 2 == 0;
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args(["--exact", "--ignored", "--nocapture", "platform::file::whole::tests::child_writes_for_ever"]);
        child.env("GRIDLOOM_TEST_PATH", &path).stdout(Stdio::piped()).stderr(Stdio::null());
        if has_name {
            child.env("GRIDLOOM_TEST_HAS_NAME", "1");
        }
        let mut child = child.spawn().unwrap();
        let mut said = BufReader::new(child.stdout.take().unwrap());
        let mut line = String::new();
        while !line.ends_with("written\n") {
            assert!(said.read_line(&mut line).unwrap() > 0, "{line}");
        }
        std::thread::sleep(Duration::from_micros(kill * 7919 % 3000));
        child.kill().unwrap();
        child.wait().unwrap();
        let _ = said.read_to_string(&mut line);
        assert_eq!(fs::read(&path).unwrap(), vec![7; 16 * 4096]);
        left += names(folder.path()).len() - 1;
        // The next write removes what is left.
        let other = folder.path().join("other");
        write_bytes(&other, "x").unwrap();
        fs::remove_file(other).unwrap();
        assert_eq!(names(folder.path()), ["x"], "after kill {kill}");
    }
    assert!(left > 0, "no kill fell into a write with a name");
}

#[test]
fn parts_of_the_living_are_left_alone() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("x");
    let alive = start(&path, true);
    fs::write(folder.path().join(".gridloom-gone.npy.part"), "left by a killed process").unwrap();
    fs::create_dir(folder.path().join(".gridloom-folder.part")).unwrap();
    fs::write(folder.path().join("mine.part"), "").unwrap();
    write_bytes(&folder.path().join("y"), "y").unwrap();
    assert_eq!(names(folder.path()).len(), 4, "{:?}", names(folder.path()));
    alive.file().write_all(b"x").unwrap();
    alive.finish().unwrap();
    assert_eq!(names(folder.path()), [".gridloom-folder.part", "mine.part", "x", "y"]);
}

/// Many at once in one folder: none takes another's part for a stale one.
#[test]
fn many_write_at_once() {
    let folder = tempfile::tempdir().unwrap();
    std::thread::scope(|scope| {
        for thread in 0..8_u32 {
            let folder = folder.path();
            scope.spawn(move || {
                for round in 0..40 {
                    let path = folder.join(if round % 2 == 0 { "same".into() } else { format!("own {thread}") });
                    let whole = start(&path, round % 3 != 0);
                    whole.file().write_all(&[thread as u8; 999]).unwrap();
                    whole.finish().unwrap();
                    let read = fs::read(&path).unwrap();
                    assert!(read.len() == 999 && read.iter().all(|byte| *byte == read[0]));
                }
            });
        }
    });
    assert_eq!(names(folder.path()).len(), 9);
}

#[cfg(unix)]
#[test]
fn it_is_like_the_file_that_it_replaces() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    for has_name in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("x");
        let mode = |path: &Path| path.metadata().unwrap().permissions().mode() & 0o7777;
        let write = || start(&path, has_name).finish().unwrap();
        write();
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        assert_eq!(mode(&path), mode(&plain), "a new file is like others");
        for wanted in [0o600, 0o640, 0o666, 0o755, 0o200] {
            fs::set_permissions(&path, fs::Permissions::from_mode(wanted)).unwrap();
            let owner = |path: &Path| path.metadata().map(|there| (there.uid(), there.gid())).unwrap();
            let before = owner(&path);
            let whole = start(&path, has_name);
            let meanwhile = whole.file().metadata().unwrap().permissions().mode();
            assert_eq!(meanwhile & 0o077, 0, "what replaces a private file is private from the start");
            whole.finish().unwrap();
            assert_eq!((mode(&path), owner(&path)), (wanted, before));
        }
        // Who may give files away keeps the owner.
        if std::os::unix::fs::chown(&path, Some(12345), Some(54321)).is_ok() {
            write();
            assert_eq!((path.metadata().unwrap().uid(), path.metadata().unwrap().gid()), (12345, 54321));
        }
    }
}

#[cfg(unix)]
#[test]
fn links_are_followed_wherever_they_lead() {
    use std::os::unix::fs::symlink;
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    fs::create_dir(at("sub")).unwrap();
    symlink("b", at("a")).unwrap();
    symlink(at("sub/c"), at("b")).unwrap();
    symlink("../d", at("sub/c")).unwrap();
    for text in ["through a link to what is not there", "through a link to what is there"] {
        write_bytes(&at("a"), text).unwrap();
        assert_eq!(fs::read_to_string(at("d")).unwrap(), text);
        assert!([at("a"), at("b"), at("sub/c")].iter().all(|link| link.is_symlink()));
    }
    symlink("no/such/folder", at("nowhere")).unwrap();
    assert_eq!(write_bytes(&at("nowhere"), "").unwrap_err().kind(), ErrorKind::NotFound);
    symlink("circle", at("circle")).unwrap();
    let (error, own) = (write_bytes(&at("circle"), "").unwrap_err(), fs::metadata(at("circle")).unwrap_err());
    assert_eq!(error.to_string(), own.to_string());
    // Another name of the same file keeps what it had: a file is replaced, not written into.
    fs::hard_link(at("d"), at("e")).unwrap();
    write_bytes(&at("d"), "new").unwrap();
    assert_eq!(fs::read_to_string(at("e")).unwrap(), "through a link to what is there");
}

#[test]
fn what_cannot_be_written_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let at = |name: &str| folder.path().join(name);
    assert_eq!(write_bytes(folder.path(), "").unwrap_err().to_string(), "it is a folder");
    assert_eq!(write_bytes(&at("no/x"), "").unwrap_err().kind(), ErrorKind::NotFound);
    assert!(write_bytes(Path::new(""), "").is_err());
    fs::write(at("file"), "").unwrap();
    assert!(write_bytes(&at("file/x"), "").is_err());
    #[cfg(unix)]
    {
        // A device is written to, but not by place.
        write_bytes(Path::new("/dev/null"), "gone").unwrap();
        assert!(WholeFile::create(Path::new("/dev/null")).is_err());
    }
    assert_eq!(names(folder.path()), ["file"]);
}

/// As a user who is not allowed everything: a thread of its own becomes one.
#[cfg(target_os = "linux")]
#[test]
fn what_is_read_only_stays_as_it_is() {
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};
    let folder = tempfile::tempdir().unwrap();
    let mode = |path: &Path, mode| fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    let [shut, file] = ["shut", "file"].map(|name| folder.path().join(name));
    fs::create_dir(&shut).unwrap();
    fs::write(&file, "as it was").unwrap();
    mode(folder.path(), 0o777);
    mode(&file, 0o444);
    mode(&shut, 0o555);
    let tried = || {
        std::thread::spawn({
            let (shut, file) = (shut.clone(), file.clone());
            move || {
                if file.metadata().unwrap().uid() == 0 {
                    rustix::thread::set_thread_uid(rustix::fs::Uid::from_raw(65534)).unwrap();
                }
                [&file, &shut.join("x")].map(|path| write_bytes(path, "new").unwrap_err().kind())
            }
        })
    };
    assert_eq!(tried().join().unwrap(), [ErrorKind::PermissionDenied; 2]);
    assert_eq!(
        (fs::read_to_string(&file).unwrap(), names(folder.path())),
        ("as it was".into(), vec!["file".into(), "shut".into()])
    );
    mode(&shut, 0o755);
}
