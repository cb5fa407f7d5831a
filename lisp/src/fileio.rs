//! File names, and what can be asked of files (`fileio.c`).
//!
//! - `change` makes, changes and removes files, `write` writes text to them.
//!
//! Names are handled as the bytes that the system has; Lisp sees them as UTF-8, with raw bytes where they are none.
//! `file-name-handler-alist` is not obeyed.

mod change;
mod write;

use std::borrow::Cow;
use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use nix::errno::Errno;
use nix::fcntl::{AT_FDCWD, AtFlags};
use nix::unistd::AccessFlags;
use tenure_gc::{Context, LispResult, NIL, Object, Str, SubrInfo, Throw};
use tenure_vm::character;
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::{signal, wrong_type};
use tenure_vm::init::define_variable;
use tenure_vm::lread::setting_of;
use tenure_vm::string::{as_unibyte, from_text};
use tenure_vm::{defun, subrs, sym};

/// Give the variables of files and programs their values.
pub(crate) fn init(cx: &Context) {
    let text = |bytes: &[u8]| name_string(bytes, cx);
    let temporary = ["TMPDIR", "TMP", "TEMP"].iter().find_map(std::env::var_os);
    let mut temporary = temporary.map_or_else(|| b"/tmp".to_vec(), |name| name.as_bytes().to_vec());
    if !temporary.ends_with(b"/") {
        temporary.push(b'/');
    }
    define_variable(cx, "temporary-file-directory", text(&temporary));
    let path = std::env::var_os("PATH").unwrap_or_default();
    let directories: Vec<Object<'_>> = path.as_bytes().split(|&b| b == b':').map(text).collect();
    define_variable(cx, "exec-path", cx.list(&directories));
    define_variable(cx, "exec-suffixes", cx.list(&[text(b"")]));
}

/// A file name, or other text of the system, as a Lisp string.
pub(crate) fn name_string<'ob>(name: &[u8], cx: &'ob Context) -> Object<'ob> {
    from_text(&crate::coding::from_utf8(name), cx).into()
}

/// The bytes that a Lisp string is for the system.
pub(crate) fn system_bytes<'ob>(name: Str<'ob>) -> Cow<'ob, [u8]> {
    let bytes = name.bytes();
    if name.is_multibyte() && std::str::from_utf8(bytes).is_err() { as_unibyte(bytes).into() } else { bytes.into() }
}

/// The error that something could not be done with files, as `report-file-error` of Emacs tells it.
pub(crate) fn file_error(doing: &str, names: &[Object<'_>], reason: Errno, cx: &Context) -> Throw {
    file_error_with(cx.string_from_str(doing).into(), names, reason, cx)
}

fn file_error_with(doing: Object<'_>, names: &[Object<'_>], reason: Errno, cx: &Context) -> Throw {
    let words = crate::load::describe(&std::io::Error::from_raw_os_error(reason as i32));
    let mut data = vec![cx.string_from_str(&words).into()];
    data.extend_from_slice(names);
    if reason == Errno::EEXIST {
        return signal(sym::FILE_ALREADY_EXISTS, &data, cx);
    }
    data.insert(0, doing);
    signal(if reason == Errno::ENOENT { sym::FILE_MISSING } else { sym::FILE_ERROR }, &data, cx)
}

/// The system's reason for an error of input or output.
pub(crate) fn errno(reason: &std::io::Error) -> Errno {
    reason.raw_os_error().map_or(Errno::EIO, Errno::from_raw)
}

/// The path that a file name means to the system.
pub(crate) fn path(name: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(name))
}

/// The value of `default-directory`, with a slash at its end; the root if it is no string.
fn default_directory(cx: &Context) -> Vec<u8> {
    let value = setting_of(cx.intern("default-directory"), cx);
    let mut bytes = value.as_string().map_or_else(Vec::new, |s| system_bytes(s).into_owned());
    if bytes.last() != Some(&b'/') {
        bytes.push(b'/');
    }
    bytes
}

/// The home directory that `~` or `~USER` stands for.
fn home(user: &[u8]) -> Option<Vec<u8>> {
    let directory = if user.is_empty() {
        std::env::var_os("HOME")?
    } else {
        let user = nix::unistd::User::from_name(std::str::from_utf8(user).ok()?).ok()??;
        user.dir.into_os_string()
    };
    let mut bytes = directory.as_bytes().to_vec();
    while bytes.len() > 1 && bytes.last() == Some(&b'/') {
        bytes.pop();
    }
    Some(bytes)
}

/// Replace a leading `~` or `~USER` by the home directory, if there is such a user.
fn expand_home(name: &[u8]) -> Vec<u8> {
    let Some(rest) = name.strip_prefix(b"~") else { return name.to_vec() };
    let end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
    match home(&rest[..end]) {
        Some(mut directory) => {
            directory.extend_from_slice(&rest[end..]);
            directory
        }
        None => name.to_vec(),
    }
}

/// An absolute file name without `.`, `..` and double slashes; two slashes at its start stay, as does `..` of the root.
pub(crate) fn expand(name: &[u8], directory: &[u8]) -> Vec<u8> {
    let name = expand_home(name);
    let mut whole = Vec::new();
    if name.first() != Some(&b'/') {
        whole = expand_home(directory);
        while whole.len() > 1 && whole.last() == Some(&b'/') && whole != b"//" {
            whole.pop();
        }
        if !name.is_empty() && whole.last() != Some(&b'/') {
            whole.push(b'/');
        }
    }
    whole.extend_from_slice(&name);
    let is_slash = |i: usize| whole.get(i) == Some(&b'/');
    let ends = |i: usize| whole.get(i).is_none_or(|&b| b == b'/');
    let mut out: Vec<u8> = Vec::with_capacity(whole.len());
    let mut at = 0;
    while let Some(&byte) = whole.get(at) {
        let dots = whole[at + 1..].iter().take(2).take_while(|&&b| b == b'.').count();
        if byte != b'/' {
            out.push(byte);
            at += 1;
        } else if dots == 1 && ends(at + 2) {
            // "/." as a whole is the root.
            if out.is_empty() && at + 2 == whole.len() {
                out.push(b'/');
            }
            at += 2;
        } else if dots == 2 && !out.is_empty() && ends(at + 3) {
            let slash = out.iter().rposition(|&b| b == b'/').unwrap_or(0);
            out.truncate(slash);
            if slash == 0 && at + 3 == whole.len() {
                out.push(b'/');
            }
            at += 3;
        } else if is_slash(at + 1) && (at > 0 || is_slash(at + 2)) {
            at += 1;
        } else {
            out.push(byte);
            at += 1;
        }
    }
    out
}

/// The expanded name of a file argument, relative to `default-directory`.
pub(crate) fn expanded(name: Str<'_>, cx: &Context) -> Result<Vec<u8>, Throw> {
    expanded_in(name, &default_directory(cx), cx)
}

/// The bytes of a file argument.
pub(crate) fn named<'ob>(name: Str<'ob>, cx: &Context) -> Result<Cow<'ob, [u8]>, Throw> {
    let bytes = system_bytes(name);
    if bytes.contains(&0) { Err(wrong_type(cx.intern("filenamep").into(), name.into(), cx)) } else { Ok(bytes) }
}

/// The expanded name of a file argument, relative to a directory.
fn expanded_in(name: Str<'_>, directory: &[u8], cx: &Context) -> Result<Vec<u8>, Throw> {
    Ok(expand(&named(name, cx)?, directory))
}

/// A name without the slash at its end.
pub(crate) fn as_file(mut name: Vec<u8>) -> Vec<u8> {
    while name.len() > 1 && name.ends_with(b"/") {
        name.pop();
    }
    name
}

/// Make NAME absolute, relative to DEFAULT-DIRECTORY, and resolve `.`, `..` and `~` in it.
#[defun]
fn expand_file_name<'ob>(
    name: Str<'ob>,
    default_directory: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Object<'ob>, Throw> {
    let current = self::default_directory(cx);
    let directory = match default_directory {
        None => current,
        Some(object) => match object.as_string() {
            // An absolute one is resolved with the name: `//` is the root as well.
            Some(given) if given.bytes().first() == Some(&b'/') => named(given, cx)?.into_owned(),
            Some(given) => expanded_in(given, &current, cx)?,
            // As in Emacs, what is no directory is the root.
            None => b"/".to_vec(),
        },
    };
    Ok(name_string(&expanded_in(name, &directory, cx)?, cx))
}

/// Whether the system lets this process do something with a file.
fn may(name: &[u8], what: AccessFlags) -> Result<(), Errno> {
    nix::unistd::faccessat(AT_FDCWD, path(name), what, AtFlags::AT_EACCESS)
}

/// Return t if FILENAME exists.
#[defun]
fn file_exists_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(path(&expanded(filename, cx)?).exists())
}

/// Return t if FILENAME exists and can be read.
#[defun]
fn file_readable_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(may(&expanded(filename, cx)?, AccessFlags::R_OK).is_ok())
}

/// Return t if FILENAME can be written, or made if it does not exist.
#[defun]
fn file_writable_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    let name = expanded(filename, cx)?;
    Ok(match may(&name, AccessFlags::W_OK) {
        Ok(()) => true,
        Err(Errno::ENOENT) => may(&name[..base(&name)], AccessFlags::W_OK | AccessFlags::X_OK).is_ok(),
        Err(_) => false,
    })
}

/// Return t if FILENAME can be executed, or searched if it is a directory.
#[defun]
fn file_executable_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(may(&expanded(filename, cx)?, AccessFlags::X_OK).is_ok())
}

/// Return t if FILENAME is a directory.
#[defun]
fn file_directory_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(path(&expanded(filename, cx)?).is_dir())
}

/// Return t if FILENAME is a directory that can be the current one.
#[defun]
fn file_accessible_directory_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    let inside = [&expanded(filename, cx)?[..], b"/."].concat();
    Ok(may(&inside, AccessFlags::F_OK).is_ok())
}

/// Return t if FILENAME is a regular file.
#[defun]
fn file_regular_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    Ok(path(&as_file(expanded(filename, cx)?)).is_file())
}

/// Return what FILENAME, a symbolic link, points to; nil if it is none.
#[defun]
fn file_symlink_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let target = nix::fcntl::readlink(path(&expanded(filename, cx)?));
    Ok(target.map_or(NIL, |target| name_string(target.as_bytes(), cx)))
}

/// What the system says of a file, nothing if there is none.
fn status(name: &[u8], follow: bool, cx: &Context) -> Result<Option<std::fs::Metadata>, Throw> {
    let status = if follow { std::fs::metadata(path(name)) } else { std::fs::symlink_metadata(path(name)) };
    match status.map_err(|reason| errno(&reason)) {
        Ok(status) => Ok(Some(status)),
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(None),
        Err(reason) => Err(file_error("Getting attributes", &[name_string(name, cx)], reason, cx)),
    }
}

/// Return t if FILE1 was changed after FILE2, or if only FILE1 exists.
#[defun]
fn file_newer_than_file_p<'ob>(file1: Str<'ob>, file2: Str<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    use std::os::unix::fs::MetadataExt as _;
    let (first, second) = (as_file(expanded(file1, cx)?), as_file(expanded(file2, cx)?));
    let Some(first) = status(&first, true, cx)? else { return Ok(false) };
    let Some(second) = status(&second, true, cx)? else { return Ok(true) };
    Ok((first.mtime(), first.mtime_nsec()) > (second.mtime(), second.mtime_nsec()))
}

/// Return the permissions of FILENAME as a number, nil if there is no such file; with FLAG those of a symbolic link.
#[defun(min = 1)]
fn file_modes<'ob>(filename: Str<'ob>, flag: Option<bool>, cx: &'ob Context) -> Result<Option<i64>, Throw> {
    use std::os::unix::fs::MetadataExt as _;
    let status = status(&as_file(expanded(filename, cx)?), flag.is_none(), cx)?;
    Ok(status.map(|status| i64::from(status.mode() & 0o7777)))
}

/// Signal an error, of which the string STRING says what was done, if FILENAME cannot be read.
#[defun]
fn access_file<'ob>(filename: Str<'ob>, string: Object<'ob>, cx: &'ob Context) -> Result<(), Throw> {
    let name = expanded(filename, cx)?;
    let string = Str::from_lisp(string, cx)?;
    // As in Emacs these are the bytes up to the first zero.
    let bytes = string.bytes().split(|&byte| byte == 0).next().unwrap_or_default();
    let is_text = std::str::from_utf8(bytes).is_ok();
    let doing = if is_text { from_text(bytes, cx) } else { cx.string(bytes, bytes.len(), false) }.into();
    may(&name, AccessFlags::R_OK).map_err(|reason| file_error_with(doing, &[filename.into()], reason, cx))
}

/// Return the bytes of the file system of FILENAME: all, the free ones, and those that are free for others than the
/// superuser; nil if there is no such file.
#[defun]
fn file_system_info<'ob>(filename: Str<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let name = expanded(filename, cx)?;
    match nix::sys::statvfs::statvfs(path(&name)) {
        Ok(info) => {
            let bytes = |blocks: u64| tenure_vm::number::integer((blocks * info.fragment_size()) as i64, cx);
            Ok(cx.list(&[info.blocks(), info.blocks_free(), info.blocks_available()].map(bytes)))
        }
        Err(Errno::ENOENT | Errno::ENOTDIR | Errno::ENOSYS) => Ok(NIL),
        Err(reason) => Err(file_error("Getting file system info", &[name_string(&name, cx)], reason, cx)),
    }
}

/// Return the directory FILENAME as a name that other names can follow: every name is one that the system knows.
#[defun]
fn unhandled_file_name_directory<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Object<'ob> {
    file_name_as_directory(filename, cx)
}

/// Where the last component of a name begins.
fn base(name: &[u8]) -> usize {
    name.iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1)
}

/// A part of a file name, multibyte as the whole is.
fn part<'ob>(bytes: &[u8], whole: Str<'_>, cx: &'ob Context) -> Object<'ob> {
    let chars = if whole.is_multibyte() { character::count(bytes) } else { bytes.len() };
    cx.string(bytes, chars, whole.is_multibyte()).into()
}

/// Return the directory part of FILENAME, with its slash, or nil if there is none.
#[defun]
fn file_name_directory<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Object<'ob> {
    let end = base(filename.bytes());
    if end == 0 { NIL } else { part(&filename.bytes()[..end], filename, cx) }
}

/// Return FILENAME without its directory part.
#[defun]
fn file_name_nondirectory<'ob>(filename: Str<'ob>, cx: &'ob Context) -> Object<'ob> {
    part(&filename.bytes()[base(filename.bytes())..], filename, cx)
}

/// Return the directory FILE as a name that other names can follow: with a slash at its end.
#[defun]
fn file_name_as_directory<'ob>(file: Str<'ob>, cx: &'ob Context) -> Object<'ob> {
    match file.bytes() {
        b"" => cx.string_from_str("./").into(),
        bytes if bytes.ends_with(b"/") => file.into(),
        bytes => part(&[bytes, b"/"].concat(), file, cx),
    }
}

/// Return the directory DIRECTORY as the name of a file: without a slash at its end.
#[defun]
fn directory_file_name<'ob>(directory: Str<'ob>, cx: &'ob Context) -> Object<'ob> {
    let mut bytes = directory.bytes();
    while bytes.len() > 1 && bytes.ends_with(b"/") {
        bytes = &bytes[..bytes.len() - 1];
    }
    // Two slashes alone are a name of their own.
    if directory.bytes() == b"//" { directory.into() } else { part(bytes, directory, cx) }
}

/// Return t if FILENAME begins with a slash or `~`.
#[defun]
fn file_name_absolute_p<'ob>(filename: Str<'ob>) -> bool {
    match filename.bytes() {
        [b'/', ..] => true,
        [b'~', rest @ ..] => {
            let end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
            home(&rest[..end]).is_some()
        }
        _ => false,
    }
}

/// What a list of `NAME=VALUE` gives a name; a name alone has no value.
fn listed<'ob>(name: Str<'ob>, list: Object<'ob>, cx: &'ob Context) -> Object<'ob> {
    let entries = tenure_vm::tails::tails(list).filter_map(|cell| cell.car().as_string());
    let mut rests = entries.filter_map(|entry| entry.bytes().strip_prefix(name.bytes()).map(<[u8]>::to_vec));
    let found = rests.find(|rest| matches!(rest.first(), None | Some(b'=')));
    found.filter(|rest| !rest.is_empty()).map_or(NIL, |rest| name_string(&rest[1..], cx))
}

/// Return the value of the environment variable VARIABLE, or nil; ENV is a list of NAME=VALUE to look in instead of
/// `process-environment`.
#[defun(name = "getenv-internal", min = 1)]
fn getenv_internal<'ob>(variable: Str<'ob>, env: Option<Object<'ob>>, cx: &'ob Context) -> Object<'ob> {
    let own = || tenure_vm::lread::setting_of(cx.intern("process-environment"), cx);
    listed(variable, env.filter(|env| env.as_cons().is_some()).unwrap_or_else(own), cx)
}

/// Return the value of the environment variable VARIABLE, or nil.
#[defun(min = 1)]
fn getenv<'ob>(variable: Str<'ob>, _frame: Option<Object<'ob>>, cx: &'ob Context) -> Object<'ob> {
    getenv_internal(variable, None, cx)
}

/// Give `process-environment` what the process was started with.
pub(crate) fn init_environment(cx: &Context) {
    let entry = |(name, value): (std::ffi::OsString, std::ffi::OsString)| {
        name_string(&[name.as_bytes(), b"=", value.as_bytes()].concat(), cx)
    };
    let mut entries: Vec<Object<'_>> = std::env::vars_os().map(entry).collect();
    // The last comes first, as in Emacs.
    entries.reverse();
    tenure_vm::init::define_variable(cx, "process-environment", cx.list(&entries));
    tenure_vm::init::define_variable(cx, "initial-environment", cx.list(&entries));
}

/// The primitives of these files.
pub(crate) const SUBRS: &[&[SubrInfo]] = &[
    &subrs![
        expand_file_name,
        file_exists_p,
        file_readable_p,
        file_writable_p,
        file_executable_p,
        file_directory_p,
        file_accessible_directory_p,
        file_regular_p,
        file_symlink_p,
        file_newer_than_file_p,
        file_modes,
        access_file,
        file_system_info,
        unhandled_file_name_directory,
        file_name_directory,
        file_name_nondirectory,
        file_name_as_directory,
        directory_file_name,
        file_name_absolute_p,
        getenv_internal,
        getenv,
    ],
    change::SUBRS,
    write::SUBRS,
];

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn names_are_resolved() {
        for (name, directory, expected) in [
            ("a", "/b", "/b/a"),
            ("a/", "/b/", "/b/a/"),
            ("../a", "/b/c", "/b/a"),
            ("/a//b/./c", "/", "/a/b/c"),
            ("/..", "/", "/.."),
            ("", "/a/b", "/a/b"),
            (".", "/a", "/a"),
        ] {
            assert_eq!(expand(name.as_bytes(), directory.as_bytes()), expected.as_bytes(), "{name} in {directory}");
        }
    }
}
