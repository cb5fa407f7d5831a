;;; bignum.el --- Integers of many digits  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;; Title: Integers of many digits
;; Stresses: bignums that grow and die at once, memory outside the heap of fixed-size objects, integer arithmetic
;; Default-scale: 1600
;; Live-size: 0.02 MB
;; Allocation-rate: 63 MB/s, 41.2 MB in all

;;; Commentary:

;; The digits of pi one after the other, by the unbounded spigot algorithm of
;; Gibbons (2006), and all at once by Machin's formula; Fibonacci numbers by
;; doubling; tests for primality by modular powers (after Fermat); and greatest
;; common divisors.
;; SCALE is the number of digits of pi in units of 8, and the number of the other
;; computations in units of 2.  The spigot stops after 800 digits, since its state
;; grows faster than the digits and `integer-width' limits it.

;;; Code:

(defun tenure-bignum--spigot (count)
  "Return the first COUNT digits of pi as a string, made one by one."
  (let ((q 1) (r 0) (s 1) (k 1) (n 3) (t* 3)
        (digits nil)
        (found 0))
    ;; The state is the linear fractional transformation (q r / 0 s) and the
    ;; next term of the series; N is the candidate for the next digit.
    (while (< found count)
      (if (< (+ (* 4 q) (- r s)) (* n s))
          (let ((next (* 10 (- r (* n s)))))
            (push (+ ?0 n) digits)
            (setq found (1+ found))
            (setq n (- (/ (* 10 (+ (* 3 q) r)) s) (* 10 n)))
            (setq q (* 10 q))
            (setq r next))
        (let ((next-r (* (+ (* 2 q) r) t*))
              (next-n (/ (+ (* q (+ (* 7 k) 2)) (* r t*)) (* s t*))))
          (setq q (* q k))
          (setq s (* s t*))
          (setq t* (+ t* 2))
          (setq k (1+ k))
          (setq n next-n)
          (setq r next-r))))
    (concat (nreverse digits))))

(defun tenure-bignum--arctangent (n unit)
  "Return the arctangent of 1/N in units of 1/UNIT, rounded down term by term."
  (let* ((power (/ unit n))
         (square (* n n))
         (sum power)
         (divisor 1)
         (sign 1))
    (while (> power 0)
      (setq power (/ power square))
      (setq divisor (+ divisor 2))
      (setq sign (- sign))
      (setq sum (+ sum (* sign (/ power divisor)))))
    sum))

(defun tenure-bignum--machin (count)
  "Return the first COUNT digits of pi as a string, by one large integer."
  (let ((unit 1))
    ;; Ten more digits than asked for take up the errors of rounding.
    (dotimes (_ (+ count 9))
      (setq unit (* 10 unit)))
    (substring (number-to-string
                (- (* 16 (tenure-bignum--arctangent 5 unit))
                   (* 4 (tenure-bignum--arctangent 239 unit))))
               0 count)))

(defun tenure-bignum--fibonacci (n)
  "Return a cons of the Fibonacci number of N and the one after it."
  (if (= n 0)
      (cons 0 1)
    (let* ((half (tenure-bignum--fibonacci (/ n 2)))
           (a (car half))
           (b (cdr half))
           (c (* a (- (* 2 b) a)))
           (d (+ (* a a) (* b b))))
      (if (= 0 (% n 2))
          (cons c d)
        (cons d (+ c d))))))

(defun tenure-bignum--power (base exponent modulus)
  "Return BASE to the power of EXPONENT modulo MODULUS."
  (let ((result 1))
    (while (> exponent 0)
      (unless (= 0 (logand exponent 1))
        (setq result (% (* result base) modulus)))
      (setq base (% (* base base) modulus))
      (setq exponent (ash exponent -1)))
    result))

(defun tenure-bignum--gcd (a b)
  "Return the greatest common divisor of A and B."
  (while (/= b 0)
    (let ((rest (% a b)))
      (setq a b)
      (setq b rest)))
  a)

(defun tenure-bignum--check-identities (n)
  "Check facts about Fibonacci numbers near N and return one modulo a prime."
  (let* ((pair (tenure-bignum--fibonacci n))
         (before (- (cdr pair) (car pair)))
         (other (tenure-bignum--fibonacci (* 3 (/ n 4)))))
    ;; Cassini's identity.
    (unless (= (- (* before (cdr pair)) (* (car pair) (car pair)))
               (if (= 0 (% n 2)) 1 -1))
      (error "Fibonacci number %d is wrong" n))
    ;; The greatest common divisor of two Fibonacci numbers is one, too.
    (unless (= (tenure-bignum--gcd (car pair) (car other))
               (car (tenure-bignum--fibonacci
                     (tenure-bignum--gcd n (* 3 (/ n 4))))))
      (error "The divisor of Fibonacci number %d is wrong" n))
    (unless (= (car pair)
               (string-to-number (number-to-string (car pair))))
      (error "Fibonacci number %d does not survive printing" n))
    (% (car pair) 1000003)))

(defun tenure-bignum--mersenne-p (exponent)
  "Return non-nil if two to EXPONENT, less one, is a probable prime."
  (let ((number (1- (ash 1 exponent))))
    (= 1 (tenure-bignum--power 3 (1- number) number))))

(defun tenure-bignum-entry (scale)
  "Run the workload at SCALE and return (DIGITS PRIMES CHECKSUM)."
  (let* ((digits (tenure-bignum--machin (* 8 scale)))
         (some (min 800 (length digits)))
         (primes 0)
         (sum 0))
    (unless (string= (tenure-bignum--spigot some) (substring digits 0 some))
      (error "The digits of pi begin with %s" (substring digits 0 some)))
    (dotimes (i (length digits))
      (setq sum (% (+ (* 31 sum) (aref digits i)) 1000003)))
    (dotimes (i (* 2 scale))
      (setq sum (% (+ (* 31 sum)
                      (tenure-bignum--check-identities (+ 100 (* 4 i))))
                   1000003))
      (when (tenure-bignum--mersenne-p (+ 61 (% (* 2 i) 128)))
        (setq primes (1+ primes))))
    (list (substring digits (- (length digits) 8)) primes sum)))

(defconst tenure-bignum-expected
  '((1 . ("31415926" 1 106476))
    (50 . ("41511609" 8 564954))
    (1600 . ("85647198" 200 12697)))
  "Alist of (SCALE . RESULT).")

;;; bignum.el ends here
