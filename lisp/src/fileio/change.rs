//! Making, copying, renaming and removing files, their permissions and times (`fileio.c`).

use super::{as_file, base, errno, expand, expanded, file_error, name_string, named, path, status, system_bytes};
use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, RenameFlags, renameat2};
use nix::sys::stat::{Mode, UtimensatFlags, umask, utimensat};
use nix::sys::time::TimeSpec;
use std::fs::{DirBuilder, File, OpenOptions, Permissions};
use std::hash::{BuildHasher as _, Hasher as _};
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{
    DirBuilderExt as _, FileTypeExt as _, MetadataExt as _, OpenOptionsExt as _, PermissionsExt as _,
};
use tenure_gc::{Context, LispResult, Object, Str, SubrInfo, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::signal;
use tenure_vm::{defun, subrs, sym};

/// The expanded name of what is to be made of `file`: in a directory if that is how the new name is written.
fn target<'ob>(file: &[u8], newname: Object<'ob>, cx: &'ob Context) -> Result<Vec<u8>, Throw> {
    let newname = Str::from_lisp(newname, cx)?;
    let directory = expanded(newname, cx)?;
    if !system_bytes(newname).ends_with(b"/") {
        return Ok(directory);
    }
    Ok(expand(&file[base(file)..], &directory))
}

/// Whether a file may be replaced: OK-IF-ALREADY-EXISTS is neither nil nor, as nobody can be asked, an integer.
fn may_replace(ok: Option<Object<'_>>) -> bool {
    ok.is_some_and(|ok| ok.as_fixnum().is_none())
}

/// The error that a file exists which would be replaced.
fn exists_already(name: &[u8], cx: &Context) -> Throw {
    let words = cx.string_from_str("File already exists").into();
    signal(sym::FILE_ALREADY_EXISTS, &[words, name_string(name, cx)], cx)
}

fn check_new(name: &[u8], ok: Option<Object<'_>>, cx: &Context) -> Result<(), Throw> {
    match path(name).symlink_metadata() {
        Ok(_) if !may_replace(ok) => Err(exists_already(name, cx)),
        _ => Ok(()),
    }
}

/// An error with one file.
fn failed<'a>(doing: &'static str, name: &'a [u8], cx: &'a Context) -> impl FnOnce(std::io::Error) -> Throw + 'a {
    move |reason| file_error(doing, &[name_string(name, cx)], errno(&reason), cx)
}

/// Remove the file FILENAME, if there is one.  TRASH is ignored.
#[defun(min = 1)]
fn delete_file<'ob>(filename: Str<'ob>, trash: Option<Object<'ob>>, cx: &'ob Context) -> Result<(), Throw> {
    let _ = trash;
    let name = expanded(filename, cx)?;
    if path(&name).symlink_metadata().is_ok_and(|status| status.is_dir()) {
        let words = cx.string_from_str("Removing old name: is a directory").into();
        return Err(signal(sym::FILE_ERROR, &[words, filename.into()], cx));
    }
    match std::fs::remove_file(path(&name)) {
        Err(reason) if errno(&reason) != Errno::ENOENT => Err(failed("Removing old name", &name, cx)(reason)),
        _ => Ok(()),
    }
}

/// Remove the empty directory DIRECTORY.
#[defun]
fn delete_directory_internal<'ob>(directory: Str<'ob>, cx: &'ob Context) -> Result<(), Throw> {
    let name = as_file(expanded(directory, cx)?);
    std::fs::remove_dir(path(&name)).map_err(failed("Removing directory", &name, cx))
}

/// Make the directory DIRECTORY.
#[defun]
fn make_directory_internal<'ob>(directory: Str<'ob>, cx: &'ob Context) -> Result<(), Throw> {
    let name = expanded(directory, cx)?;
    DirBuilder::new().mode(0o777).create(path(&name)).map_err(failed("Creating directory", &name, cx))
}

/// Give FILE the name NEWNAME; in the directory NEWNAME if that ends in a slash.
/// What has that name already is replaced if OK-IF-ALREADY-EXISTS is non-nil.
///
/// Emacs: an integer OK-IF-ALREADY-EXISTS has the user asked; directories can be moved to other file systems.
#[defun(min = 2)]
fn rename_file<'ob>(
    file: Str<'ob>,
    newname: Object<'ob>,
    ok_if_already_exists: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    let old = expanded(file, cx)?;
    let new = target(&as_file(old.clone()), newname, cx)?;
    let rename = |flags| renameat2(AT_FDCWD, path(&old), AT_FDCWD, path(&new), flags);
    let plain = may_replace(ok_if_already_exists);
    let mut result = rename(if plain { RenameFlags::empty() } else { RenameFlags::RENAME_NOREPLACE });
    match result {
        Err(Errno::EEXIST) if !plain => return Err(exists_already(&new, cx)),
        // There are file systems that cannot refuse to replace.
        Err(Errno::EINVAL | Errno::ENOSYS | Errno::ENOTSUP) if !plain => {
            check_new(&new, ok_if_already_exists, cx)?;
            result = rename(RenameFlags::empty());
        }
        _ => {}
    }
    let error = |reason| file_error("Renaming", &[name_string(&old, cx), name_string(&new, cx)], reason, cx);
    match result {
        Ok(()) => Ok(()),
        Err(Errno::EXDEV) => {
            let kind = path(&old).symlink_metadata().map_err(failed("Renaming", &old, cx))?.file_type();
            if kind.is_symlink() {
                let points_to = std::fs::read_link(path(&old)).map_err(failed("Renaming", &old, cx))?;
                std::os::unix::fs::symlink(points_to, path(&new)).map_err(|reason| error(errno(&reason)))?;
            } else if kind.is_file() {
                copy(&old, &new, Copying { replace: true, times: true, owner: true, modes: true }, cx)?;
            } else {
                return Err(error(Errno::EXDEV));
            }
            std::fs::remove_file(path(&old)).map_err(failed("Removing old name", &old, cx))
        }
        Err(reason) => Err(error(reason)),
    }
}

/// Give FILE the further name NEWNAME; in the directory NEWNAME if that ends in a slash.
/// What has that name already is replaced if OK-IF-ALREADY-EXISTS is non-nil.
///
/// Emacs: an integer OK-IF-ALREADY-EXISTS has the user asked.
#[defun(min = 2)]
fn add_name_to_file<'ob>(
    file: Str<'ob>,
    newname: Object<'ob>,
    ok_if_already_exists: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    let old = expanded(file, cx)?;
    let new = target(&old, newname, cx)?;
    let link = || std::fs::hard_link(path(&old), path(&new)).map_err(|reason| errno(&reason));
    let mut result = link();
    if result == Err(Errno::EEXIST) {
        check_new(&new, ok_if_already_exists, cx)?;
        _ = std::fs::remove_file(path(&new));
        result = link();
    }
    result.map_err(|reason| file_error("Adding new name", &[name_string(&old, cx), name_string(&new, cx)], reason, cx))
}

/// Make LINKNAME a symbolic link to TARGET; in the directory LINKNAME if that ends in a slash.
/// What has that name already is replaced if OK-IF-ALREADY-EXISTS is non-nil.
///
/// Emacs: an integer OK-IF-ALREADY-EXISTS has the user asked.
#[defun(min = 2)]
fn make_symbolic_link<'ob>(
    target: Str<'ob>,
    linkname: Object<'ob>,
    ok_if_already_exists: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    let points_to = named(target, cx)?;
    let link = self::target(&points_to, linkname, cx)?;
    let make = || std::os::unix::fs::symlink(path(&points_to), path(&link));
    let mut result = make();
    if result.as_ref().is_err_and(|reason| errno(reason) == Errno::EEXIST) {
        if !may_replace(ok_if_already_exists) {
            return Err(exists_already(&link, cx));
        }
        _ = std::fs::remove_file(path(&link));
        result = make();
    }
    result.map_err(|reason| {
        file_error("Making symbolic link", &[target.into(), name_string(&link, cx)], errno(&reason), cx)
    })
}

/// What is copied beside the text of a file.
#[derive(Clone, Copy)]
struct Copying {
    replace: bool,
    times: bool,
    owner: bool,
    modes: bool,
}

/// How many bytes are copied at a time.
const CHUNK: usize = 64 << 10;

fn copy(old: &[u8], new: &[u8], how: Copying, cx: &Context) -> Result<(), Throw> {
    let both = || [name_string(old, cx), name_string(new, cx)];
    let mut options = OpenOptions::new();
    options.read(true).custom_flags(libc::O_NONBLOCK);
    let mut input = options.open(path(old)).map_err(failed("Opening input file", old, cx))?;
    let status = input.metadata().map_err(failed("Input file status", old, cx))?;
    let kind = status.file_type();
    if !kind.is_file() {
        let reason = if kind.is_dir() { Errno::EISDIR } else { Errno::EINVAL };
        return Err(file_error("Non-regular file", &[name_string(old, cx)], reason, cx));
    }
    let mode = status.mode() & if how.owner { 0o700 } else { 0o777 };
    let opened = OpenOptions::new().write(true).create_new(true).mode(mode).open(path(new));
    let mut output = match opened {
        Err(reason) if errno(&reason) == Errno::EEXIST => {
            if !how.replace {
                return Err(exists_already(new, cx));
            }
            let output = File::options().write(true).open(path(new)).map_err(failed("Opening output file", new, cx))?;
            let there = output.metadata().map_err(failed("Output file status", new, cx))?;
            if (there.dev(), there.ino()) == (status.dev(), status.ino()) {
                let words = ["Input and output files are the same", "Success"];
                let [words, success] = words.map(|s| cx.string_from_str(s).into());
                let [old, new] = both();
                return Err(signal(sym::FILE_ERROR, &[words, success, old, new], cx));
            }
            if !there.file_type().is_char_device() {
                output.set_len(0).map_err(failed("Truncating output file", new, cx))?;
            }
            output
        }
        other => other.map_err(failed("Opening output file", new, cx))?,
    };
    let mut buffer = vec![0; CHUNK];
    loop {
        let n = input.read(&mut buffer).map_err(failed("Read error", old, cx))?;
        if n == 0 {
            break;
        }
        output.write_all(&buffer[..n]).map_err(failed("Write error", new, cx))?;
    }
    if how.owner {
        // Who may not give a file away keeps it, as in Emacs.
        _ = std::os::unix::fs::fchown(&output, Some(status.uid()), Some(status.gid()));
    }
    if how.modes || how.owner {
        let modes = Permissions::from_mode(status.mode() & 0o7777);
        output.set_permissions(modes).map_err(failed("Doing chmod", new, cx))?;
    }
    if how.times {
        let times = status.accessed().and_then(|accessed| {
            let times = std::fs::FileTimes::new().set_accessed(accessed).set_modified(status.modified()?);
            output.set_times(times)
        });
        times.map_err(failed("Cannot set file date", new, cx))?;
    }
    Ok(())
}

/// Copy FILE to NEWNAME; into the directory NEWNAME if that ends in a slash.
/// What has that name already is replaced if OK-IF-ALREADY-EXISTS is non-nil.
/// KEEP-TIME, PRESERVE-UID-GID and PRESERVE-PERMISSIONS give the copy the file's times, owner and permissions.
///
/// Emacs: an integer OK-IF-ALREADY-EXISTS has the user asked; access control lists are copied too.
#[defun(min = 2)]
fn copy_file<'ob>(
    file: Str<'ob>,
    newname: Object<'ob>,
    ok_if_already_exists: Option<Object<'ob>>,
    keep_time: Option<bool>,
    preserve_uid_gid: Option<bool>,
    preserve_permissions: Option<bool>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    let old = expanded(file, cx)?;
    let new = target(&old, newname, cx)?;
    let how = Copying {
        replace: may_replace(ok_if_already_exists),
        times: keep_time.is_some(),
        owner: preserve_uid_gid.is_some(),
        modes: preserve_permissions.is_some(),
    };
    copy(&old, &new, how, cx)
}

/// Make the number MODE the permissions of FILENAME.  With FLAG a symbolic link is not followed; it has none to be set.
#[defun(min = 2)]
fn set_file_modes<'ob>(
    filename: Object<'ob>,
    mode: Object<'ob>,
    flag: Option<bool>,
    cx: &'ob Context,
) -> Result<(), Throw> {
    let mode = i64::from_lisp(mode, cx)?;
    let name = expanded(Str::from_lisp(filename, cx)?, cx)?;
    let is_link = flag.is_some() && status(&name, false, cx)?.is_some_and(|status| status.is_symlink());
    let result = if is_link {
        Err(Errno::EOPNOTSUPP)
    } else {
        let modes = Permissions::from_mode((mode & 0o7777) as u32);
        std::fs::set_permissions(path(&name), modes).map_err(|reason| errno(&reason))
    };
    result.map_err(|reason| file_error("Doing chmod", &[name_string(&name, cx)], reason, cx))
}

/// Return the permissions, a number, that a new file of this process can have.
#[defun]
fn default_file_modes() -> i64 {
    let mask = umask(Mode::empty());
    umask(mask);
    i64::from(!mask.bits() & 0o777)
}

/// Make the number MODE the permissions that a new file of this process can have.
#[defun]
fn set_default_file_modes(mode: i64) {
    umask(Mode::from_bits_truncate((!mode & 0o777) as u32));
}

/// Say that FILENAME was used and changed at TIMESTAMP, by default now.  With FLAG a symbolic link is not followed.
#[defun(min = 1)]
fn set_file_times<'ob>(
    filename: Object<'ob>,
    timestamp: Option<Object<'ob>>,
    flag: Option<bool>,
    cx: &'ob Context,
) -> Result<bool, Throw> {
    let (seconds, nanos) = crate::timefns::seconds_and_nanos(timestamp, cx)?;
    let name = expanded(Str::from_lisp(filename, cx)?, cx)?;
    let time = TimeSpec::new(seconds, nanos);
    let follow = if flag.is_some() { UtimensatFlags::NoFollowSymlink } else { UtimensatFlags::FollowSymlink };
    match utimensat(AT_FDCWD, path(&name), &time, &time, follow) {
        Ok(()) => Ok(true),
        Err(reason) => Err(file_error("Setting file times", &[name_string(&name, cx)], reason, cx)),
    }
}

/// How many letters are put behind the beginning of a name, and how often others are tried.
const LETTERS: usize = 6;
const TRIES: usize = 1 << 14;

/// Letters that nobody can foresee.
fn letters() -> [u8; LETTERS] {
    const ALPHABET: &[u8; 62] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    let mut number = std::hash::RandomState::new().build_hasher().finish();
    [(); LETTERS].map(|()| {
        let letter = ALPHABET[(number % 62) as usize];
        number /= 62;
        letter
    })
}

/// Make a file or directory of a new name that begins and ends so, or just find the name.
fn make_temporary<'ob>(
    prefix: Str<'ob>,
    kind: Object<'ob>,
    suffix: Str<'ob>,
    cx: &'ob Context,
) -> Result<Vec<u8>, Throw> {
    let (before, after) = (named(prefix, cx)?, named(suffix, cx)?);
    let failed = |doing, reason| Err(file_error(doing, &[prefix.into()], reason, cx));
    for _ in 0..TRIES {
        let name = [&before[..], &letters(), &after[..]].concat();
        let (doing, made) = if kind.is_nil() {
            let made = OpenOptions::new().read(true).write(true).create_new(true).mode(0o600).open(path(&name));
            ("Creating file with prefix", made.map(drop))
        } else if kind.as_fixnum() == Some(0) {
            let there = path(&name).symlink_metadata();
            if there.is_err() {
                return Ok(name);
            }
            ("Creating file name with prefix", Err(std::io::Error::from(Errno::EEXIST)))
        } else {
            ("Creating directory with prefix", DirBuilder::new().mode(0o700).create(path(&name)))
        };
        match made.map_err(|reason| errno(&reason)) {
            Ok(()) => return Ok(name),
            Err(Errno::EEXIST) => {}
            Err(reason) => return failed(doing, reason),
        }
    }
    failed("Creating file name with prefix", Errno::EEXIST)
}

/// Make a file of a new name that begins with PREFIX and ends in SUFFIX, and return the name.
/// It is a directory if DIR-FLAG is non-nil; if that is 0 nothing is made.  A string TEXT is written to it.
#[defun]
fn make_temp_file_internal<'ob>(
    prefix: Str<'ob>,
    dir_flag: Object<'ob>,
    suffix: Str<'ob>,
    text: Object<'ob>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let name = make_temporary(prefix, dir_flag, suffix, cx)?;
    if let Some(text) = text.as_string() {
        super::write::write_text(text, &name, cx)?;
    }
    Ok(name_string(&name, cx))
}

/// Return a name that begins with PREFIX and is no file's.
#[defun]
fn make_temp_name<'ob>(prefix: Str<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let name = make_temporary(prefix, Object::fixnum(0), cx.string_from_str(""), cx)?;
    Ok(name_string(&name, cx))
}

/// Have the system write to the disks what it holds back.
#[defun]
fn unix_sync() {
    nix::unistd::sync();
}

/// The primitives of this file.
pub(super) const SUBRS: &[SubrInfo] = &subrs![
    delete_file,
    delete_directory_internal,
    make_directory_internal,
    rename_file,
    add_name_to_file,
    make_symbolic_link,
    copy_file,
    set_file_modes,
    default_file_modes,
    set_default_file_modes,
    set_file_times,
    make_temp_file_internal,
    make_temp_name,
    unix_sync,
];
