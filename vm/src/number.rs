//! Integers of any size: fixnums where they fit, bignums elsewhere.

use num_bigint::{BigInt, Sign};
use tenure_gc::{Bignum, Context, MOST_NEGATIVE_FIXNUM, MOST_POSITIVE_FIXNUM, Object};

/// The integer `n`.
#[inline(always)]
pub fn integer(n: i64, cx: &Context) -> Object<'_> {
    if (MOST_NEGATIVE_FIXNUM..=MOST_POSITIVE_FIXNUM).contains(&n) {
        Object::fixnum(n)
    } else {
        cx.bignum(n < 0, &[n.unsigned_abs()]).into()
    }
}

/// The integer `n`, a fixnum if it fits.
pub fn big_integer<'ob>(n: &BigInt, cx: &'ob Context) -> Object<'ob> {
    match i64::try_from(n) {
        Ok(small) => integer(small, cx),
        Err(_) => cx.bignum(n.sign() == Sign::Minus, &n.magnitude().to_u64_digits()).into(),
    }
}

/// A bignum's value.
pub fn bignum_value(n: Bignum<'_>) -> BigInt {
    let digits = n.digits().flat_map(|d| [d as u32, (d >> 32) as u32]).collect();
    BigInt::new(if n.is_negative() { Sign::Minus } else { Sign::Plus }, digits)
}
