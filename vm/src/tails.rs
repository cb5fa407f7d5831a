//! Walking lists that Lisp made, which may be circular or end in anything.

use tenure_gc::{Cons, Object};

/// The conses of a list in order; see [`tails`].
pub struct Tails<'ob> {
    rest: Object<'ob>,
    tortoise: Object<'ob>,
    /// Steps until the tortoise moves here, and how many it was given last.
    left: usize,
    period: usize,
    circular: bool,
}

/// The conses of a list, in order.  Ends at the first `cdr` that is no cons, or when a cons comes a second time (Brent
/// 1980): one comparison a step, and at most three times round a circle.  The periods are Emacs's, so that a circular
/// list is noticed at the same cons.
#[inline(always)]
pub fn tails(list: Object<'_>) -> Tails<'_> {
    Tails { rest: list, tortoise: list, left: 2, period: 2, circular: false }
}

impl<'ob> Tails<'ob> {
    /// What is left: where the list ends, or the cons of its circle that came a second time.
    #[inline(always)]
    pub fn end(&self) -> Object<'ob> {
        self.rest
    }

    /// Whether the walk ended because it went in a circle.
    #[inline(always)]
    pub fn is_circular(&self) -> bool {
        self.circular
    }

    /// The next cons of a list that is walked two conses at a time; [`Tails::skip_second`] goes over the second, and only that
    /// counts as a step, as in Emacs's walks through property lists.
    #[inline(always)]
    pub fn next_of_two(&mut self) -> Option<Cons<'ob>> {
        if self.circular {
            return None;
        }
        let cell = self.rest.as_cons()?;
        self.rest = cell.cdr();
        Some(cell)
    }

    /// Go over the next cons, if there is one.
    #[inline(always)]
    pub fn skip_second(&mut self) {
        if let Some(cell) = self.rest.as_cons() {
            self.step(cell.cdr());
        }
    }

    #[inline(always)]
    fn step(&mut self, rest: Object<'ob>) {
        self.rest = rest;
        self.left -= 1;
        if self.left == 0 {
            self.move_tortoise();
        } else if rest == self.tortoise {
            self.circular = true;
        }
    }

    #[cold]
    fn move_tortoise(&mut self) {
        self.tortoise = self.rest;
        self.period = self.period.saturating_mul(2);
        self.left = self.period;
    }
}

impl<'ob> Iterator for Tails<'ob> {
    type Item = Cons<'ob>;

    #[inline(always)]
    fn next(&mut self) -> Option<Cons<'ob>> {
        if self.circular {
            return None;
        }
        let cell = self.rest.as_cons()?;
        self.step(cell.cdr());
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
