//! Waiting (`dispnew.c`).

use std::time::{Duration, Instant};

use tenure_gc::{CallResult, Context, NIL, Root, SubrInfo};
use tenure_vm::error::wrong_type;
use tenure_vm::eval::poll;
use tenure_vm::{defun, subrs, sym};

/// How long the process sleeps before it looks for a quit.
const NAP: Duration = Duration::from_millis(50);
/// The longest sleep, a century.
const LONGEST: f64 = 3.2e9;

/// Do nothing for SECONDS, and MILLISECONDS more.
#[defun(min = 1)]
fn sleep_for(seconds: Root<'_>, milliseconds: Root<'_>, cx: &mut Context) -> CallResult {
    let given = seconds.get(cx);
    let mut duration = match given.as_fixnum() {
        Some(n) => n as f64,
        None => given.as_float().map(|f| f.value()).ok_or_else(|| wrong_type(sym::NUMBERP, given, cx))?,
    };
    let more = milliseconds.get(cx);
    if !more.is_nil() {
        duration += more.as_fixnum().ok_or_else(|| wrong_type(sym::FIXNUMP, more, cx))? as f64 / 1000.0;
    }
    if duration > 0.0 {
        let start = Instant::now();
        let whole = Duration::from_secs_f64(duration.min(LONGEST));
        while let Some(left) = whole.checked_sub(start.elapsed()).filter(|left| !left.is_zero()) {
            std::thread::sleep(left.min(NAP));
            poll(cx)?;
        }
    }
    Ok(cx.ret(NIL))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![sleep_for];
