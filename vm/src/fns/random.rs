//! Random numbers: the additive feedback generator of the GNU C library (x^31 + x^3 + 1), which Emacs calls, so that a
//! program which gives a seed gets the numbers that it gets in Emacs.
//!
//! A context begins with a fixed seed, so a program without `(random t)` does the same each time.

use crate::error::wrong_type;
use crate::number::{big_integer, bignum_value};
use crate::state::Vm;
use crate::sym;
use num_bigint::{BigInt, BigUint, Sign};
use std::hash::{BuildHasher, RandomState};
use tenure_gc::{Context, Kind, LispResult, Object, SubrInfo, T};
use tenure_macros::{defun, subrs};

/// The seed of a new context.
pub(crate) const DEFAULT_SEED: u32 = 1;
/// Bits of a fixnum, and of a number of the generator.
const FIXNUM_BITS: u32 = 62;
const DRAWN_BITS: u32 = 31;
/// The exponents of the generator's polynomial.
const DEGREE: usize = 31;
const SEPARATION: usize = 3;

/// A generator of random numbers.
pub(crate) struct Random {
    state: [u32; DEGREE],
    next: usize,
}

impl Random {
    /// A generator whose whole sequence is determined by the seed.
    pub(crate) fn seeded(seed: u32) -> Random {
        const MODULUS: i64 = 2_147_483_647;
        // Park and Miller's minimal generator fills the state; a seed beyond 31 bits counts as negative.
        let mut word = i64::from(seed.max(1) as i32);
        let state = std::array::from_fn(|_| {
            let filled = word as u32;
            word = word * 16807 % MODULUS;
            if word < 0 {
                word += MODULUS;
            }
            filled
        });
        let mut generator = Random { state, next: 0 };
        for _ in 0..10 * DEGREE {
            generator.draw();
        }
        generator
    }

    /// The next number of 31 bits.
    fn draw(&mut self) -> u32 {
        let front = (self.next + SEPARATION) % DEGREE;
        self.state[front] = self.state[front].wrapping_add(self.state[self.next]);
        self.next = (self.next + 1) % DEGREE;
        self.state[front] >> 1
    }

    /// The next number of as many bits as a fixnum has.
    fn next(&mut self) -> u64 {
        let drawn = (0..FIXNUM_BITS.div_ceil(DRAWN_BITS))
            .fold(0u64, |value, _| u64::from(self.draw()) ^ value << DRAWN_BITS ^ value >> (u64::BITS - DRAWN_BITS));
        (drawn ^ drawn >> (u64::BITS - FIXNUM_BITS)) & ((1 << FIXNUM_BITS) - 1)
    }

    /// A number below `limit`, each as likely: what would favour the low ones is thrown away.
    fn below(&mut self, limit: u64) -> u64 {
        let last = (1 << FIXNUM_BITS) - limit;
        loop {
            let n = self.next();
            if n - n % limit <= last {
                return n % limit;
            }
        }
    }

    /// A number below `limit`, which is not zero, as `below` has it: positive fixnums are drawn until there are as many
    /// bits as in the limit.
    fn below_big(&mut self, limit: &BigUint) -> BigUint {
        const BITS: u32 = FIXNUM_BITS - 1;
        loop {
            let (mut n, mut most) = (BigUint::ZERO, BigUint::ZERO);
            while most < *limit {
                n = n << BITS | BigUint::from(self.next() >> 1);
                most = most << BITS | BigUint::from((1u64 << BITS) - 1);
            }
            let rest = &n % limit;
            if n - &rest + limit < most {
                return rest;
            }
        }
    }
}

/// Return a random fixnum, or with a positive integer LIMIT one from 0 to below it.
/// LIMIT t seeds the generator from the system, a string from its bytes.
#[defun]
fn random<'ob>(limit: Option<Object<'ob>>, cx: &'ob Context) -> LispResult<'ob> {
    let mut generator = Vm::of(cx).random.borrow_mut();
    if let Some(limit) = limit {
        match limit.untag() {
            _ if limit == T => *generator = Random::seeded(RandomState::new().hash_one(0) as u32),
            Kind::String(s) => {
                let mut seed = [0; 4];
                s.bytes().iter().enumerate().for_each(|(i, byte)| seed[i % 4] ^= byte);
                *generator = Random::seeded(u32::from_le_bytes(seed));
            }
            Kind::Fixnum(n) if n > 0 => return Ok(Object::fixnum(generator.below(n as u64) as i64)),
            Kind::Bignum(n) if n.is_negative() => return Err(wrong_type(sym::NATNUMP, limit, cx)),
            Kind::Bignum(n) => {
                let n = generator.below_big(bignum_value(n).magnitude());
                return Ok(big_integer(&BigInt::from_biguint(Sign::Plus, n), cx));
            }
            _ => {}
        }
    }
    // The highest bit is the sign.
    const UNUSED: u32 = u64::BITS - FIXNUM_BITS;
    Ok(Object::fixnum((generator.next() << UNUSED) as i64 >> UNUSED))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![random];
