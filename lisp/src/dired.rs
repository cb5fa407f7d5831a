//! Directories and what they say of files (`dired.c`).

use crate::fileio::{as_file, expanded, file_error, name_string, named, path};
use crate::form::symbol;
use crate::search;
use crate::timefns::time_of;
use nix::dir::Dir;
use nix::errno::Errno;
use nix::fcntl::OFlag;
use nix::sys::stat::Mode;
use std::fs::Metadata;
use std::os::unix::ffi::OsStrExt as _;
use std::os::unix::fs::{FileTypeExt as _, MetadataExt as _};
use tenure_gc::{Context, LispResult, NIL, Object, Str, SubrInfo, T, Throw};
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::wrong_type;
use tenure_vm::number::integer;
use tenure_vm::string::string_less;
use tenure_vm::{defun, subrs, sym};

/// The names in a directory, `.` and `..` too, in the system's order, turned round as Emacs has them.
/// Errors tell of it as `shown`.
fn entries(directory: &[u8], shown: &[u8], cx: &Context) -> Result<Vec<Vec<u8>>, Throw> {
    let failed = |doing: &str, reason: Errno| file_error(doing, &[name_string(shown, cx)], reason, cx);
    let flags = OFlag::O_RDONLY | OFlag::O_DIRECTORY | OFlag::O_CLOEXEC;
    let opened =
        Dir::open(path(directory), flags, Mode::empty()).map_err(|reason| failed("Opening directory", reason))?;
    let mut names = Vec::new();
    for entry in opened {
        let entry = entry.map_err(|reason| failed("Reading directory", reason))?;
        names.push(entry.file_name().to_bytes().to_vec());
    }
    names.reverse();
    Ok(names)
}

/// Which names of a directory are wanted, and as what.
struct Listing<'ob> {
    directory: Vec<u8>,
    full: bool,
    names: Vec<(Vec<u8>, Object<'ob>)>,
}

fn listing<'ob>(
    directory: Str<'ob>,
    full: Option<bool>,
    matching: Option<Object<'ob>>,
    count: Option<Object<'ob>>,
    cx: &'ob Context,
) -> Result<Listing<'ob>, Throw> {
    let count = match count {
        None => usize::MAX,
        Some(count) => usize::from_lisp(count, cx)?,
    };
    let whole = as_file(expanded(directory, cx)?);
    let pattern = matching.map(|pattern| Str::from_lisp(pattern, cx)).transpose()?;
    let mut all = entries(&whole, &whole, cx)?;
    // Of few the first in the system's order are taken.
    all.reverse();
    let mut names = Vec::new();
    for name in all {
        if names.len() >= count {
            break;
        }
        let string = name_string(&name, cx);
        if let (Some(pattern), Some(string)) = (pattern, string.as_string())
            && !search::matches(pattern, string, false, cx)?
        {
            continue;
        }
        names.push((name, string));
    }
    names.reverse();
    Ok(Listing { directory: whole, full: full.is_some(), names })
}

impl<'ob> Listing<'ob> {
    /// A name as it is wanted, and the file that it means.
    fn file(&self, (name, string): &(Vec<u8>, Object<'ob>), cx: &'ob Context) -> (Object<'ob>, Vec<u8>) {
        let slash: &[u8] = if self.directory.ends_with(b"/") { b"" } else { b"/" };
        let file = [&self.directory[..], slash, name].concat();
        (if self.full { name_string(&file, cx) } else { *string }, file)
    }
}

fn sort_by_name<'ob>(files: &mut [Object<'ob>], name: impl Fn(Object<'ob>) -> Object<'ob>) {
    files.sort_by(|&a, &b| match (name(a).as_string(), name(b).as_string()) {
        (Some(a), Some(b)) => string_less(a, b),
        _ => std::cmp::Ordering::Equal,
    });
}

/// Return the names of the files in DIRECTORY, with its name before each if FULL is non-nil.
/// With MATCH only those that this regular expression matches.  They are sorted unless NOSORT is non-nil.
/// COUNT is the greatest number of names.
#[defun(name = "directory-files", min = 1)]
fn directory_files<'ob>(
    directory: Str<'ob>,
    full: Option<bool>,
    r#match: Option<Object<'ob>>,
    nosort: Option<bool>,
    count: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let listing = listing(directory, full, r#match, count, cx)?;
    let mut files: Vec<Object<'ob>> = listing.names.iter().map(|entry| listing.file(entry, cx).0).collect();
    if nosort.is_none() {
        sort_by_name(&mut files, |file| file);
    }
    Ok(cx.list(&files))
}

/// Return the names and the attributes of the files in DIRECTORY: what `directory-files' gives of DIRECTORY, FULL, MATCH,
/// NOSORT and COUNT, each in front of what `file-attributes' gives of it and ID-FORMAT.
#[defun(min = 1)]
fn directory_files_and_attributes<'ob>(
    directory: Str<'ob>,
    full: Option<bool>,
    r#match: Option<Object<'ob>>,
    nosort: Option<bool>,
    id_format: Option<Object<'ob>>,
    count: Option<Object<'ob>>,
    cx: &'ob Context,
) -> LispResult<'ob> {
    let listing = listing(directory, full, r#match, count, cx)?;
    let mut files = Vec::with_capacity(listing.names.len());
    for entry in &listing.names {
        let (name, file) = listing.file(entry, cx);
        // A file may be gone by now.
        if let Ok(status) = path(&file).symlink_metadata() {
            files.push(cx.cons(name, attributes(&status, &file, by_name(id_format, cx), cx)).into());
        }
    }
    if nosort.is_none() {
        sort_by_name(&mut files, crate::form::car_safe);
    }
    Ok(cx.list(&files))
}

/// Whether users and groups are to be told by their names.
fn by_name(id_format: Option<Object<'_>>, cx: &Context) -> bool {
    id_format.is_some_and(|format| format != symbol("integer", cx))
}

/// Type and permissions, as `ls -l` shows them.
fn mode_string(status: &Metadata) -> String {
    let kind = status.file_type();
    let letter = match () {
        () if kind.is_dir() => 'd',
        () if kind.is_symlink() => 'l',
        () if kind.is_char_device() => 'c',
        () if kind.is_block_device() => 'b',
        () if kind.is_fifo() => 'p',
        () if kind.is_socket() => 's',
        () => '-',
    };
    let mode = status.mode();
    let mut text = String::from(letter);
    for (shift, special, marks) in [(6, 0o4000, ['s', 'S']), (3, 0o2000, ['s', 'S']), (0, 0o1000, ['t', 'T'])] {
        let bits = mode >> shift;
        text.push(if bits & 4 != 0 { 'r' } else { '-' });
        text.push(if bits & 2 != 0 { 'w' } else { '-' });
        text.push(match (mode & special != 0, bits & 1 != 0) {
            (true, true) => marks[0],
            (true, false) => marks[1],
            (false, true) => 'x',
            (false, false) => '-',
        });
    }
    text
}

fn attributes<'ob>(status: &Metadata, file: &[u8], by_name: bool, cx: &'ob Context) -> Object<'ob> {
    let kind = status.file_type();
    let what = if kind.is_dir() {
        T
    } else if kind.is_symlink() {
        let target = std::fs::read_link(path(file));
        target.map_or(NIL, |target| name_string(target.as_os_str().as_bytes(), cx))
    } else {
        NIL
    };
    let name = |name: Option<String>| name.filter(|_| by_name).map(|name| name_string(name.as_bytes(), cx));
    let user = by_name.then(|| crate::users::user(status.uid())).flatten().map(|user| user.name);
    let group = by_name.then(|| crate::users::group(status.gid())).flatten().map(|group| group.name);
    let number = |n: u64| integer(n as i64, cx);
    cx.list(&[
        what,
        number(status.nlink()),
        name(user).unwrap_or(Object::fixnum(i64::from(status.uid()))),
        name(group).unwrap_or(Object::fixnum(i64::from(status.gid()))),
        time_of(status.atime(), status.atime_nsec(), cx),
        time_of(status.mtime(), status.mtime_nsec(), cx),
        time_of(status.ctime(), status.ctime_nsec(), cx),
        number(status.size()),
        cx.string_from_str(&mode_string(status)).into(),
        T,
        number(status.ino()),
        number(status.dev()),
    ])
}

/// Return what the system says of FILENAME, nil if there is no such file: t for a directory or the target of a symbolic
/// link, the number of names, user and group, the times of access, change and change of status, the size, type and
/// permissions, t, and the numbers of the file and its device.
/// User and group are numbers, or names if ID-FORMAT is neither nil nor `integer'.
#[defun(min = 1)]
fn file_attributes<'ob>(filename: Object<'ob>, id_format: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    // What is no name of a file has no attributes, as in Emacs.
    let Some(name) = filename.as_string().filter(|name| !name.bytes().contains(&0)) else { return Ok(NIL) };
    let file = expanded(name, cx)?;
    match path(&file).symlink_metadata().map_err(|reason| crate::fileio::errno(&reason)) {
        Ok(status) => Ok(attributes(&status, &file, by_name(id_format, cx), cx)),
        Err(Errno::ENOENT | Errno::ENOTDIR) => Ok(NIL),
        Err(reason) => Err(file_error("Getting attributes", &[name_string(&file, cx)], reason, cx)),
    }
}

/// Return t if the name in front of the attributes F1 comes before that of F2.
#[defun]
fn file_attributes_lessp<'ob>(f1: Object<'ob>, f2: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    let car = |value: Object<'ob>| match value.as_cons() {
        Some(cell) => Ok(cell.car()),
        None if value.is_nil() => Ok(NIL),
        None => Err(wrong_type(sym::LISTP, value, cx)),
    };
    let second = car(f2)?;
    let first = car(f1)?;
    let text = |value: Object<'ob>| match value.as_symbol() {
        Some(symbol) => Ok(symbol.name(cx)),
        None => Str::from_lisp(value, cx),
    };
    let (first, second) = (text(first)?, text(second)?);
    Ok(string_less(first, second) == std::cmp::Ordering::Less)
}

/// Return the names in DIRECTORY that begin with FILE, those of directories with a slash.
#[defun]
fn file_name_all_completions<'ob>(file: Object<'ob>, directory: Str<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let shown = expanded(directory, cx)?;
    let wanted = Str::from_lisp(file, cx)?;
    let whole = as_file(shown.clone());
    let begin = named(wanted, cx)?;
    let mut found = Vec::new();
    for mut name in entries(&whole, &shown, cx)?.into_iter().filter(|name| name.starts_with(&begin)) {
        if path(&[&whole[..], b"/", &name].concat()).is_dir() {
            name.push(b'/');
        }
        found.push(name_string(&name, cx));
    }
    Ok(cx.list(&found))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    directory_files,
    directory_files_and_attributes,
    file_attributes,
    file_attributes_lessp,
    file_name_all_completions,
];
