//! The users and groups of the system (`editfns.c`), and the time that the process has run (`sysdep.c`).

use crate::fileio::name_string;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeValLike as _;
use nix::unistd::{Gid, Group, Uid, User, getegid, geteuid, getgid, getuid};
use tenure_gc::{Context, Kind, LispResult, NIL, Object, SubrInfo, Throw};
use tenure_vm::error::error;
use tenure_vm::init::define_variable;
use tenure_vm::lread::setting_of;
use tenure_vm::{defun, subrs};

/// The number of a user or group: an integer, a float without a fraction, or a cons of two halves.
fn id(value: Object<'_>, cx: &Context) -> Result<u32, Throw> {
    let number = match value.untag() {
        Kind::Fixnum(n) => u32::try_from(n).ok(),
        Kind::Float(x) => {
            Some(x.value()).filter(|x| x.fract() == 0.0 && (0.0..4_294_967_296.0).contains(x)).map(|x| x as u32)
        }
        Kind::Cons(c) => {
            let low = c.cdr().as_cons().map_or(c.cdr(), |rest| rest.car());
            match (c.car().as_fixnum(), low.as_fixnum()) {
                (Some(high @ 0..0x1_0000), Some(low @ 0..0x1_0000)) => u32::try_from(high << 16 | low).ok(),
                _ => None,
            }
        }
        _ => None,
    };
    number.ok_or_else(|| error("Not an in-range integer, integral float, or cons of integers", cx))
}

/// The user of a number.
pub(crate) fn user(uid: u32) -> Option<User> {
    User::from_uid(Uid::from_raw(uid)).ok().flatten()
}

/// The group of a number.
pub(crate) fn group(gid: u32) -> Option<Group> {
    Group::from_gid(Gid::from_raw(gid)).ok().flatten()
}

/// The full name of a user: the first field of the comment, in which `&` is the name with a capital.
fn full_name(user: &User) -> Vec<u8> {
    let field = user.gecos.to_bytes().split(|&b| b == b',').next().unwrap_or_default();
    let mut name = Vec::with_capacity(field.len());
    for &b in field {
        if b == b'&' {
            let mut login = user.name.clone().into_bytes();
            login.iter_mut().take(1).for_each(u8::make_ascii_uppercase);
            name.extend(login);
        } else {
            name.push(b);
        }
    }
    name
}

/// Give the variables of the user's names their values.
pub(crate) fn init(cx: &Context) {
    let real = user(getuid().as_raw()).map_or_else(|| "unknown".to_owned(), |user| user.name);
    let login = ["LOGNAME", "USER"].iter().find_map(|name| std::env::var(name).ok());
    let effective = || user(geteuid().as_raw()).map_or_else(|| "unknown".to_owned(), |user| user.name);
    let login = login.unwrap_or_else(effective);
    let full = std::env::var("NAME").map(String::into_bytes).ok();
    let full = full.or_else(|| User::from_name(&login).ok().flatten().map(|user| full_name(&user)));
    define_variable(cx, "user-real-login-name", name_string(real.as_bytes(), cx));
    define_variable(cx, "user-login-name", name_string(login.as_bytes(), cx));
    define_variable(cx, "user-full-name", name_string(&full.unwrap_or_else(|| b"unknown".to_vec()), cx));
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    define_variable(cx, "operating-system-release", name_string(release.trim_end().as_bytes(), cx));
}

/// Return the number of the user as whom this process acts.
#[defun]
fn user_uid() -> i64 {
    i64::from(geteuid().as_raw())
}

/// Return the number of the user who runs this process.
#[defun]
fn user_real_uid() -> i64 {
    i64::from(getuid().as_raw())
}

/// Return the number of the group as which this process acts.
#[defun]
fn group_gid() -> i64 {
    i64::from(getegid().as_raw())
}

/// Return the number of the group that runs this process.
#[defun]
fn group_real_gid() -> i64 {
    i64::from(getgid().as_raw())
}

/// Return the name of the user who runs this process.
#[defun]
fn user_real_login_name<'ob>(cx: &'ob Context) -> Object<'ob> {
    setting_of(cx.intern("user-real-login-name"), cx)
}

/// Return the login name of the user with number UID, nil if there is none; by default the value of `user-login-name`.
#[defun]
fn user_login_name<'ob>(uid: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    match uid {
        None => Ok(setting_of(cx.intern("user-login-name"), cx)),
        Some(uid) => Ok(user(id(uid, cx)?).map_or(NIL, |user| name_string(user.name.as_bytes(), cx))),
    }
}

/// Return the full name of the user with the number or login name UID, nil if there is none; by default the value of
/// `user-full-name`.
#[defun]
fn user_full_name<'ob>(uid: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let Some(uid) = uid else { return Ok(setting_of(cx.intern("user-full-name"), cx)) };
    let found = match uid.untag() {
        Kind::Fixnum(_) | Kind::Bignum(_) | Kind::Float(_) => user(id(uid, cx)?),
        Kind::String(name) => name.as_str().and_then(|name| User::from_name(name).ok().flatten()),
        _ => return Err(error("Invalid UID specification", cx)),
    };
    Ok(found.map_or(NIL, |user| name_string(&full_name(&user), cx)))
}

/// Return the name of the group with number GID, nil if there is none.
#[defun]
fn group_name<'ob>(gid: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    if !matches!(gid.untag(), Kind::Fixnum(_) | Kind::Bignum(_) | Kind::Float(_) | Kind::Cons(_)) {
        return Err(error("Invalid GID specification", cx));
    }
    Ok(group(id(gid, cx)?).map_or(NIL, |group| name_string(group.name.as_bytes(), cx)))
}

/// Return the processor time that this process has used, as `(HIGH LOW MICROSECONDS PICOSECONDS)`.
#[defun]
fn get_internal_run_time<'ob>(cx: &'ob Context) -> LispResult<'ob> {
    let Ok(usage) = getrusage(UsageWho::RUSAGE_SELF) else {
        return Err(error("The processor time is not known", cx));
    };
    let micros = (usage.user_time() + usage.system_time()).num_microseconds();
    let seconds = micros / 1_000_000;
    Ok(cx.list(&[seconds >> 16, seconds & 0xFFFF, micros % 1_000_000, 0].map(Object::fixnum)))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![
    user_uid,
    user_real_uid,
    group_gid,
    group_real_gid,
    user_real_login_name,
    user_login_name,
    user_full_name,
    group_name,
    get_internal_run_time,
];
