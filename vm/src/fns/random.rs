//! Random numbers: xoshiro256** (Blackman & Vigna 2018), seeded by splitmix64.
//!
//! A context begins with a fixed seed, so a program without `(random t)` does the same each time; the numbers are not
//! Emacs's.

use crate::error::wrong_type;
use crate::number::{big_integer, bignum_value};
use crate::state::Vm;
use crate::sym;
use num_bigint::{BigInt, BigUint, Sign};
use std::hash::{BuildHasher, RandomState};
use tenure_gc::{Context, Kind, LispResult, Object, SubrInfo, T};
use tenure_macros::{defun, subrs};

/// The seed of a new context.
pub(crate) const DEFAULT_SEED: u64 = 0;
/// Bits of a fixnum.
const FIXNUM_BITS: u32 = 62;

/// A generator of random words.
pub(crate) struct Random([u64; 4]);

impl Random {
    /// A generator whose whole sequence is determined by the seed.
    pub(crate) fn seeded(seed: u64) -> Random {
        let mut state = seed;
        Random(std::array::from_fn(|_| {
            state = state.wrapping_add(0x9E37_79B9_7F4A_7C15);
            let mixed = (state ^ (state >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
            let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
            mixed ^ (mixed >> 31)
        }))
    }

    /// The next word.
    fn next(&mut self) -> u64 {
        let s = &mut self.0;
        let result = s[1].wrapping_mul(5).rotate_left(7).wrapping_mul(9);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        result
    }

    /// A number below `limit`, each as likely: what would favour the low ones is thrown away.
    fn below(&mut self, limit: u64) -> u64 {
        let fair = u64::MAX - u64::MAX % limit;
        loop {
            let n = self.next();
            if n < fair {
                return n % limit;
            }
        }
    }

    /// A number below `limit`, which is not zero; numbers of as many bits are drawn until one is below.
    fn below_big(&mut self, limit: &BigUint) -> BigUint {
        let bits = limit.bits();
        loop {
            let digits = (0..bits.div_ceil(64)).flat_map(|_| {
                let n = self.next();
                [n as u32, (n >> 32) as u32]
            });
            let n = BigUint::new(digits.collect()) >> (bits.next_multiple_of(64) - bits);
            if n < *limit {
                return n;
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
            _ if limit == T => *generator = Random::seeded(RandomState::new().hash_one(0)),
            Kind::String(s) => {
                // FNV-1a.
                let hash = |hash: u64, &byte: &u8| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3);
                *generator = Random::seeded(s.bytes().iter().fold(0xCBF2_9CE4_8422_2325, hash));
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
    Ok(Object::fixnum(generator.next() as i64 >> (u64::BITS - FIXNUM_BITS)))
}

/// The primitives of this file.
pub(crate) const SUBRS: &[SubrInfo] = &subrs![random];
