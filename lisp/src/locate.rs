//! Finding files along a path (`lread.c`), and file names put together and taken apart (`fileio.c`).

use crate::fileio::{expand, name_string};
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Root, Slots, Str, SubrInfo, Throw};
use tenure_vm::arith::less;
use tenure_vm::convert::FromLisp as _;
use tenure_vm::error::wrong_type;
use tenure_vm::lread::setting_of;
use tenure_vm::string::push_multibyte;
use tenure_vm::tails::tails;
use tenure_vm::{character, data, defun, funcall, subrs, sym};

/// Return the suffixes that `load` tries when one is required: each of `load-suffixes` with each of
/// `load-file-rep-suffixes`.
#[defun]
fn get_load_suffixes(cx: &mut Context) -> CallResult {
    let all = cx.root_vec();
    let pairs = cx.root_vec();
    for suffix in tails(setting_of(cx.intern("load-suffixes"), cx)).map(|c| c.car()) {
        for represented in tails(setting_of(cx.intern("load-file-rep-suffixes"), cx)).map(|c| c.car()) {
            pairs.push(cx, suffix);
            pairs.push(cx, represented);
        }
    }
    for i in (0..pairs.len()).step_by(2) {
        let joined = funcall!(cx, cx.intern("concat").into(), pairs.get(cx, i), pairs.get(cx, i + 1))?.get(cx);
        all.push(cx, joined);
    }
    let list = all.list_from(cx, 0, NIL);
    Ok(cx.ret(list))
}

/// How a file that was found is looked at.
enum Check {
    /// It can be read.
    Readable,
    /// It grants these permissions.
    Access(i64),
    /// A Lisp function accepts it.
    Function,
}

/// Return the name of the first file named FILENAME, followed by one of SUFFIXES, in the directories of PATH; nil if there
/// is none.  PREDICATE is the file's wanted permissions as a number, or a function that accepts a name.
#[defun(min = 2)]
fn locate_file_internal(
    filename: Root<'_>,
    path: Root<'_>,
    suffixes: Root<'_>,
    predicate: Root<'_>,
    cx: &mut Context,
) -> CallResult {
    let name = Str::from_lisp(filename.get(cx), cx)?.bytes().to_vec();
    let absolute = matches!(name.first(), Some(b'/' | b'~'));
    let mut endings = Vec::new();
    if suffixes.get(cx).is_nil() {
        endings.push(Vec::new());
    }
    for suffix in tails(suffixes.get(cx)).map(|c| c.car()) {
        endings.push(Str::from_lisp(suffix, cx)?.bytes().to_vec());
    }
    let here = setting_of(cx.intern("default-directory"), cx).as_string().map_or(b"/".to_vec(), |s| s.bytes().to_vec());
    let directory = |o: Object<'_>| match o.as_string() {
        Some(name) => expand(name.bytes(), &here),
        None if o.is_nil() => here.clone(),
        None => b"/".to_vec(),
    };
    let directories: Vec<Vec<u8>> = if absolute || path.get(cx).is_nil() {
        vec![here.clone()]
    } else {
        tails(path.get(cx)).map(|c| directory(c.car())).collect()
    };
    let check = match predicate.get(cx).as_fixnum() {
        Some(mode) if mode >= 0 => Check::Access(mode),
        None if predicate.get(cx).is_nil() || predicate.get(cx) == tenure_gc::T => Check::Readable,
        _ => Check::Function,
    };
    let scope = cx.scope();
    let candidate = scope.root(NIL);
    for directory in directories {
        for ending in &endings {
            let whole = [expand(&name, &directory).as_slice(), ending].concat();
            let file = crate::fileio::path(&whole);
            candidate.set(cx, name_string(&whole, cx));
            let found = match check {
                Check::Readable => !file.is_dir() && std::fs::File::open(file).is_ok(),
                Check::Access(mode) => !file.is_dir() && grants(file, mode),
                Check::Function => {
                    let answer = funcall!(cx, predicate.get(cx), candidate.get(cx))?.get(cx);
                    !answer.is_nil() && (answer == Object::from(cx.intern("dir-ok")) || !file.is_dir())
                }
            };
            if found {
                return Ok(cx.ret(candidate.get(cx)));
            }
        }
    }
    Ok(cx.ret(NIL))
}

/// Whether a file grants permissions: 4 to read, 2 to write, 1 to execute.
fn grants(file: &std::path::Path, mode: i64) -> bool {
    let Ok(mode) = i32::try_from(mode) else { return false };
    nix::unistd::AccessFlags::from_bits(mode).is_some_and(|mode| nix::unistd::eaccess(file, mode).is_ok())
}

/// Return t if NAME ends with a slash.
#[defun]
fn directory_name_p(name: Str<'_>) -> bool {
    name.bytes().last() == Some(&b'/')
}

/// Join DIRECTORY and COMPONENTS with slashes where there is none; what is nil or empty does not count.
#[defun(min = 1)]
fn file_name_concat<'ob>(directory: Object<'ob>, components: Slots<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let mut parts = Vec::new();
    for part in std::iter::once(directory).chain(components.iter()) {
        match part.as_string() {
            Some(text) if text.len_bytes() > 0 => parts.push(text),
            Some(_) => {}
            None if part.is_nil() => {}
            None => return Err(wrong_type(sym::STRINGP, part, cx)),
        }
    }
    let multibyte = parts.iter().any(|part| part.is_multibyte());
    let mut name = Vec::new();
    for (i, part) in parts.iter().enumerate() {
        if multibyte {
            push_multibyte(&mut name, *part);
        } else {
            name.extend_from_slice(part.bytes());
        }
        if i + 1 < parts.len() && name.last() != Some(&b'/') {
            name.push(b'/');
        }
    }
    let chars = if multibyte { character::count(&name) } else { name.len() };
    cx.reserve(name.len())?;
    Ok(cx.string(&name, chars, multibyte).into())
}

/// Return t if the car of A is less than the car of B.
#[defun]
fn car_less_than_car<'ob>(a: Object<'ob>, b: Object<'ob>, cx: &'ob Context) -> Result<bool, Throw> {
    // Emacs looks at the second first.
    let second = data::car(b, cx)?;
    less(data::car(a, cx)?, second, cx)
}

/// Where an absolute name begins inside a name: behind a slash, at another one or at the home of a user that there is.
fn embedded(name: &[u8]) -> Option<usize> {
    (1..name.len()).find(|&i| {
        let rest = &name[i..];
        let end = rest.iter().position(|&b| b == b'/').unwrap_or(rest.len());
        name[i - 1] == b'/'
            && match rest[0] {
                b'/' => true,
                b'~' if end > 1 => std::str::from_utf8(&rest[1..end])
                    .is_ok_and(|user| matches!(nix::unistd::User::from_name(user), Ok(Some(_)))),
                b'~' => true,
                _ => false,
            }
    })
}

/// Replace `$NAME` and `${NAME}` by the variables of the environment that there are, and `$$` by `$`.
fn substitute(name: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(name.len());
    let mut at = 0;
    while at < name.len() {
        let rest = &name[at..];
        let word = |from: usize| {
            let letters = character::chars(&rest[from..])
                .take_while(|&c| c == u32::from(b'_') || char::from_u32(c).is_some_and(char::is_alphanumeric));
            let mut text = Vec::new();
            letters.for_each(|c| character::push_char(&mut text, c));
            text.len()
        };
        let (variable, length) = match rest {
            [b'$', b'$', ..] => {
                out.push(b'$');
                at += 2;
                continue;
            }
            [b'$', b'{', ..] => match rest.iter().position(|&b| b == b'}') {
                Some(end) if end > 2 && !rest[2..end].contains(&b'{') => (Some(&rest[2..end]), end + 1),
                _ => (None, 1),
            },
            [b'$', ..] if word(1) > 0 => (Some(&rest[1..1 + word(1)]), 1 + word(1)),
            _ => (None, 1),
        };
        let variable = variable.filter(|name| !name.contains(&0) && !name.contains(&b'='));
        let value = variable.and_then(|name| std::env::var_os(std::ffi::OsStr::new(&*String::from_utf8_lossy(name))));
        match value {
            Some(value) => out.extend(std::os::unix::ffi::OsStringExt::into_vec(value)),
            None => out.extend_from_slice(&rest[..length]),
        }
        at += length;
    }
    out
}

/// Replace the environment's variables in FILENAME, after dropping what comes before an absolute name inside it.
#[defun]
fn substitute_in_file_name<'ob>(filename: Str<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let drop_before = |mut text: Vec<u8>| {
        while let Some(start) = embedded(&text) {
            text.drain(..start);
        }
        text
    };
    let text = drop_before(substitute(&drop_before(filename.bytes().to_vec())));
    if text == filename.bytes() {
        return Ok(filename.into());
    }
    let multibyte = filename.is_multibyte();
    let chars = if multibyte { character::count(&text) } else { text.len() };
    Ok(cx.string(&text, chars, multibyte).into())
}

/// The file of this program.
fn program() -> Vec<u8> {
    let file = std::env::current_exe().unwrap_or_default();
    std::os::unix::ffi::OsStringExt::into_vec(file.into_os_string())
}

/// Return the name of this program, without its directory.
#[defun]
fn invocation_name<'ob>(cx: &'ob Context) -> Object<'ob> {
    setting_of(cx.intern("invocation-name"), cx)
}

/// Return the directory of this program.
#[defun]
fn invocation_directory<'ob>(cx: &'ob Context) -> Object<'ob> {
    setting_of(cx.intern("invocation-directory"), cx)
}

/// Give the variables of this program's name their values.
pub(crate) fn init(cx: &Context) {
    let program = program();
    let at = program.iter().rposition(|&b| b == b'/').map_or(0, |i| i + 1);
    tenure_vm::init::define_variable(cx, "invocation-name", name_string(&program[at..], cx));
    tenure_vm::init::define_variable(cx, "invocation-directory", name_string(&program[..at], cx));
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    get_load_suffixes,
    locate_file_internal,
    directory_name_p,
    file_name_concat,
    car_less_than_car,
    substitute_in_file_name,
    invocation_name,
    invocation_directory,
];
