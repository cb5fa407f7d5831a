//! File names, and what can be asked of files (`fileio.c`).

use std::ffi::OsStr;
use std::os::unix::ffi::OsStrExt as _;
use std::path::Path;

use tenure_gc::{Context, NIL, Object, Str, SubrInfo, Throw};
use tenure_vm::character;
use tenure_vm::error::wrong_type;
use tenure_vm::lread::setting_of;
use tenure_vm::{defun, subrs, sym};

/// A file name as a Lisp string.
pub(crate) fn name_string<'ob>(name: &[u8], cx: &'ob Context) -> Object<'ob> {
    match std::str::from_utf8(name) {
        Ok(text) => cx.string_from_str(text).into(),
        Err(_) => cx.string(name, name.len(), false).into(),
    }
}

/// The path that a file name means to the system.
pub(crate) fn path(name: &[u8]) -> &Path {
    Path::new(OsStr::from_bytes(name))
}

/// The value of `default-directory`, with a slash at its end; the root if it is no string.
fn default_directory(cx: &Context) -> Vec<u8> {
    let value = setting_of(cx.intern("default-directory"), cx);
    let mut bytes = value.as_string().map_or_else(Vec::new, |s| s.bytes().to_vec());
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
pub(crate) fn expanded(name: Str<'_>, cx: &Context) -> Vec<u8> {
    expand(name.bytes(), &default_directory(cx))
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
            Some(given) => expand(given.bytes(), &current),
            None => return Err(wrong_type(sym::STRINGP, object, cx)),
        },
    };
    Ok(name_string(&expand(name.bytes(), &directory), cx))
}

/// Return t if FILENAME exists.
#[defun]
fn file_exists_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> bool {
    path(&expanded(filename, cx)).exists()
}

/// Return t if FILENAME exists and can be read.
#[defun]
fn file_readable_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> bool {
    let name = expanded(filename, cx);
    let path = path(&name);
    if path.is_dir() { std::fs::read_dir(path).is_ok() } else { path.is_file() && std::fs::File::open(path).is_ok() }
}

/// Return t if FILENAME is a directory.
#[defun]
fn file_directory_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> bool {
    path(&expanded(filename, cx)).is_dir()
}

/// Return t if FILENAME is a regular file.
#[defun]
fn file_regular_p<'ob>(filename: Str<'ob>, cx: &'ob Context) -> bool {
    path(&expanded(filename, cx)).is_file()
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

/// Return the value of the environment variable VARIABLE, or nil.
#[defun(name = "getenv-internal", min = 1)]
fn getenv_internal<'ob>(variable: Str<'ob>, _env: Option<Object<'ob>>, cx: &'ob Context) -> Object<'ob> {
    environment(variable.bytes()).map_or(NIL, |value| name_string(&value, cx))
}

/// Return the value of the environment variable VARIABLE, or nil.
#[defun(min = 1)]
fn getenv<'ob>(variable: Str<'ob>, _frame: Option<Object<'ob>>, cx: &'ob Context) -> Object<'ob> {
    environment(variable.bytes()).map_or(NIL, |value| name_string(&value, cx))
}

fn environment(name: &[u8]) -> Option<Vec<u8>> {
    if name.is_empty() || name.contains(&b'=') || name.contains(&0) {
        return None;
    }
    std::env::var_os(OsStr::from_bytes(name)).map(|v| v.as_bytes().to_vec())
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    expand_file_name,
    file_exists_p,
    file_readable_p,
    file_directory_p,
    file_regular_p,
    file_name_directory,
    file_name_nondirectory,
    file_name_as_directory,
    directory_file_name,
    file_name_absolute_p,
    getenv_internal,
    getenv,
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
