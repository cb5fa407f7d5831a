//! The frames of calls in progress, as Lisp sees them.

use crate::error::wrong_type;
use crate::eval::{self, environment, indirect_function, prepared, set_environment};
use crate::specpdl::{Entry, Frame};
use crate::state::Vm;
use crate::tails::tails;
use crate::{binding, handler, sym};
use tenure_gc::{CallResult, Context, LispResult, NIL, Object, Root, SubrInfo, T, Throw};
use tenure_macros::{defun, subrs};

/// The function of a frame.
fn function_of(frame: Frame, cx: &Context) -> Object<'_> {
    let word = frame.head(cx);
    match frame.evaluated() {
        Some(_) => word,
        None => word.as_cons().map_or(word, |form| form.car()),
    }
}

/// The arguments of a frame, as a list.
fn arguments_of(frame: Frame, cx: &Context) -> Object<'_> {
    match frame.evaluated() {
        Some(n) => {
            let slots = cx.window(frame.base + 1, n).slots(cx);
            let single = n - usize::from(frame.spread);
            let rest = if frame.spread { slots.get(single) } else { NIL };
            (0..single).rev().fold(rest, |list, i| cx.cons(slots.get(i), list).into())
        }
        None => frame.head(cx).as_cons().map_or(NIL, |form| form.cdr()),
    }
}

/// The place of the innermost frame, or of the innermost call of BASE.
fn start(base: Object<'_>, cx: &Context) -> Result<Option<usize>, Throw> {
    let specpdl = &Vm::of(cx).specpdl;
    let mut place = specpdl.frame_below(specpdl.len());
    if base.is_nil() {
        return Ok(place);
    }
    let wanted = function_named(base, cx)?;
    while let Some(i) = place {
        let Some(frame) = specpdl.frame(i) else { break };
        if function_named(function_of(frame, cx), cx)? == wanted {
            break;
        }
        place = specpdl.frame_below(i);
    }
    Ok(place)
}

/// What a function or its name stands for.
fn function_named<'ob>(function: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    match function.as_symbol() {
        Some(symbol) if !function.is_nil() => indirect_function(symbol, cx),
        _ => Ok(function),
    }
}

/// The frame `n` levels out from the innermost one, or from the innermost call of BASE.
fn nth_frame(n: Object<'_>, base: Object<'_>, cx: &Context) -> Result<Option<usize>, Throw> {
    let count = n.as_fixnum().filter(|&n| n >= 0).ok_or_else(|| wrong_type(sym::WHOLENUMP, n, cx))?;
    let mut place = start(base, cx)?;
    for _ in 0..count {
        let Some(i) = place else { break };
        place = Vm::of(cx).specpdl.frame_below(i);
    }
    Ok(place)
}

/// Call a function on what `mapbacktrace` tells of a frame.
fn tell(function: Root<'_>, place: usize, cx: &mut Context) -> CallResult {
    let Some(frame) = Vm::of(cx).specpdl.frame(place) else { return Ok(cx.ret(NIL)) };
    let evaluated = Object::bool(frame.evaluated().is_some());
    let flags = if frame.debug_on_exit { cx.list(&[sym::C_DEBUG_ON_EXIT, T]) } else { NIL };
    crate::funcall!(cx, function.get(cx), evaluated, function_of(frame, cx), arguments_of(frame, cx), flags)
}

/// Call FUNCTION on each frame, from the innermost call of BASE out.
/// It gets whether the arguments are evaluated, the function, the list of arguments, and a property list of flags.
#[defun(min = 1)]
fn mapbacktrace(function: Root<'_>, base: Root<'_>, cx: &mut Context) -> CallResult {
    let mut place = start(base.get(cx), cx)?;
    while let Some(i) = place {
        tell(function, i, cx)?.get(cx);
        place = Vm::of(cx).specpdl.frame_below(i);
    }
    Ok(cx.ret(NIL))
}

/// Call FUNCTION on the frame NFRAMES out from the innermost call of BASE, as `mapbacktrace` does.
#[defun(name = "backtrace-frame--internal")]
fn backtrace_frame(function: Root<'_>, nframes: Root<'_>, base: Root<'_>, cx: &mut Context) -> CallResult {
    match nth_frame(nframes.get(cx), base.get(cx), cx)? {
        Some(place) => tell(function, place, cx),
        None => Ok(cx.ret(NIL)),
    }
}

/// Have the debugger called when the frame LEVEL levels out exits, or not if FLAG is nil.
#[defun(min = 2)]
fn backtrace_debug<'ob>(level: usize, flag: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let specpdl = &Vm::of(cx).specpdl;
    let mut place = specpdl.frame_below(specpdl.len());
    for _ in 0..level {
        let Some(i) = place else { break };
        place = specpdl.frame_below(i);
    }
    place.into_iter().for_each(|i| specpdl.set_debug_on_exit(i, !flag.is_nil()));
    Ok(flag)
}

/// Exchange the values that bindings from entry `from` on saved with those in force.
fn exchange(from: usize, outward: bool, cx: &Context) {
    let specpdl = &Vm::of(cx).specpdl;
    let mut bindings = specpdl.bindings(from, specpdl.len());
    if !outward {
        bindings.reverse();
    }
    for (entry, word) in bindings {
        match entry {
            // Of a variable that the buffer has a value of its own of, the binding of the default is not in force.
            Entry::Let | Entry::LetOwn => {
                let saved = specpdl.word(word + 1, cx);
                let Some(symbol) = specpdl.word(word, cx).as_symbol() else { continue };
                let Ok(now) = binding::find_symbol_value(symbol, cx) else { continue };
                if binding::set_quietly(symbol, saved, cx).is_ok() {
                    specpdl.set_word(word + 1, now, cx);
                }
            }
            Entry::LetDefault => {
                let saved = specpdl.word(word + 1, cx);
                let Some(symbol) = specpdl.word(word, cx).as_symbol() else { continue };
                let Ok(now) = binding::default_value(symbol, cx) else { continue };
                if binding::set_default_quietly(symbol, saved, cx).is_ok() {
                    specpdl.set_word(word + 1, now, cx);
                }
            }
            Entry::Environment => {
                let saved = specpdl.word(word, cx);
                specpdl.set_word(word, environment(cx), cx);
                set_environment(saved, cx);
            }
            _ => {}
        }
    }
}

/// Evaluate EXP in the bindings of the frame NFRAMES out from the innermost call of BASE.
#[defun(min = 2)]
fn backtrace_eval(exp: Root<'_>, nframes: Root<'_>, base: Root<'_>, cx: &mut Context) -> CallResult {
    let place = nth_frame(nframes.get(cx), base.get(cx), cx)?;
    let Some(place) = place else { return Err(crate::error::error("Activation frame not found!", cx)) };
    prepared::make_environments(cx);
    let end = Vm::of(cx).specpdl.len();
    exchange(place, true, cx);
    let result = eval::eval_sub(exp, cx).map_err(|throw| handler::raise(throw, cx));
    debug_assert_eq!(end, Vm::of(cx).specpdl.len(), "evaluation leaves the binding stack as it was");
    exchange(place, false, cx);
    result
}

/// Return an alist of the variables that the frame NFRAMES out from the innermost call of BASE bound, with their values.
#[defun(name = "backtrace--locals", min = 1)]
fn backtrace_locals<'ob>(nframes: i64, base: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    let frames = [nframes, nframes - 1].map(|n| nth_frame(Object::fixnum(n), base, cx));
    let [Some(place), Some(inner)] = [frames[0].as_ref(), frames[1].as_ref()].map(|f| f.ok().copied().flatten()) else {
        return Err(crate::error::error("Activation frame not found!", cx));
    };
    prepared::make_environments(cx);
    // While the bindings are undone, each entry holds the value that it gave.
    exchange(place, true, cx);
    let specpdl = &Vm::of(cx).specpdl;
    let mut locals = NIL;
    for (entry, word) in specpdl.bindings(place, inner) {
        match entry {
            Entry::Let | Entry::LetDefault | Entry::LetOwn => {
                let pair = cx.cons(specpdl.word(word, cx), specpdl.word(word + 1, cx));
                locals = cx.cons(pair.into(), locals).into();
            }
            Entry::Environment => {
                for pair in tails(specpdl.word(word, cx)).filter_map(|c| c.car().as_cons()) {
                    locals = cx.cons(cx.cons(pair.car(), pair.cdr()).into(), locals).into();
                }
            }
            _ => {}
        }
    }
    exchange(place, false, cx);
    Ok(locals)
}

/// Return the calls in progress of THREAD: there are no threads, so it is never one.
#[defun(name = "backtrace--frames-from-thread")]
fn frames_from_thread<'ob>(thread: Object<'ob>, cx: &'ob Context) -> LispResult<'ob> {
    Err(crate::error::wrong_type(sym::THREADP, thread, cx))
}

/// The primitives of backtraces.
pub(crate) const SUBRS: &[SubrInfo] =
    &subrs![mapbacktrace, backtrace_frame, backtrace_debug, backtrace_eval, backtrace_locals, frames_from_thread];
