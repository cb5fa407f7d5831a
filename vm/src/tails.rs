//! Walking lists that Lisp made, which may be circular or end in anything.

use tenure_gc::{Cons, Object};

/// The conses of a list in order; see [`tails`].
pub struct Tails<'ob> {
    rest: Object<'ob>,
    seen: Object<'ob>,
    steps: u32,
    limit: u32,
}

/// The conses of a list, in order.  Ends at the first `cdr` that is no cons, or when a cons comes a second time (Brent
/// 1980): one comparison a step, and at most three times round a circle.
#[inline(always)]
pub fn tails(list: Object<'_>) -> Tails<'_> {
    Tails { rest: list, seen: tenure_gc::NIL, steps: 0, limit: 64 }
}

impl<'ob> Tails<'ob> {
    /// What is left: where the list ends, or a cons of its circle.
    #[inline(always)]
    pub fn end(&self) -> Object<'ob> {
        self.rest
    }

    #[cold]
    fn move_on(&mut self) {
        self.seen = self.rest;
        self.steps = 0;
        self.limit = self.limit.saturating_mul(2);
    }
}

impl<'ob> Iterator for Tails<'ob> {
    type Item = Cons<'ob>;

    #[inline(always)]
    fn next(&mut self) -> Option<Cons<'ob>> {
        let cell = self.rest.as_cons()?;
        if self.rest == self.seen {
            return None;
        }
        self.steps += 1;
        if self.steps == self.limit {
            self.move_on();
        }
        self.rest = cell.cdr();
        Some(cell)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tenure_gc::{NIL, T};

    #[test]
    fn a_circle_ends() {
        let cx = &crate::state::new_context(tenure_gc::Config::default());
        let list = cx.list(&[NIL; 1000]);
        assert_eq!(tails(list).count(), 1000);
        let last = tails(list).last().expect("a cons");
        last.set_cdr(cx, T);
        let mut walk = tails(list);
        assert_eq!(walk.by_ref().count(), 1000);
        assert_eq!(walk.end(), T);
        last.set_cdr(cx, list);
        let mut walk = tails(list);
        assert!(walk.by_ref().count() < 5000);
        assert!(walk.end().as_cons().is_some());
    }
}
