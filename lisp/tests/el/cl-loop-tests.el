;;; cl-loop-tests.el --- Every clause of cl-loop  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)

(defvar loop-tests--table (let ((h (make-hash-table))) (puthash 'a 1 h) (puthash 'b 2 h) h))

(ert-deftest cl-loop-in-collect ()
  (should (equal (cl-loop for x in '(1 2 3) collect x) '(1 2 3)))
  (should (equal (cl-loop for (a . b) in '((1 . 2) (3 . 4)) collect (+ a b))
                 '(3 7)))
  (should (equal (cl-loop for (a b) in '((1 2) (3)) collect (list a b))
                 '((1 2) (3 nil))))
  (should (equal (cl-loop for x in '(1 2 3) collect x collect (- x))
                 '(1 -1 2 -2 3 -3)))
  (should (equal (cl-loop for (a nil b) in '((1 2 3)) collect (list a b))
                 '((1 3))))
  (should (equal (cl-loop for ((a b) . c) in '(((1 2) 3)) collect (list a b c))
                 '((1 2 (3)))))
  (should-not (cl-loop for x in 5 collect x))
  (should (equal (cl-loop for x in '(1 2 . 3) collect x) '(1 2)))
  (should (equal (cl-loop for x in '(1 2 3) as y = (* x x) collect y)
                 '(1 4 9))))

(ert-deftest cl-loop-in-by-collect ()
  (should (equal (cl-loop for x in '(1 2 3) by #'cddr collect x) '(1 3))))

(ert-deftest cl-loop-on-collect ()
  (should (equal (cl-loop for x on '(1 2 3) collect x) '((1 2 3) (2 3) (3)))))

(ert-deftest cl-loop-across-collect ()
  (should (equal (cl-loop for x across [1 2 3] collect x) '(1 2 3)))
  (should (equal (should-error (cl-loop for x across '(1) collect x))
                 '(wrong-type-argument arrayp (1)))))

(ert-deftest cl-loop-collect ()
  (should (equal (cl-loop for i from 1 to 5 collect i) '(1 2 3 4 5)))
  (should (equal (cl-loop for i from 1 to 3 for j from i to 11 collect (list i j))
                 '((1 1) (2 2) (3 3))))
  (should (equal (should-error (cl-loop for i from 'a collect i))
                 '(wrong-type-argument number-or-marker-p a)))
  (should (equal (cl-loop for i from 1.5 to 4 collect i) '(1.5 2.5 3.5))))

(ert-deftest cl-loop-below-by-collect ()
  (should (equal (cl-loop for i from 1 below 10 by 3 collect i) '(1 4 7))))

(ert-deftest cl-loop-downfrom-collect ()
  (should (equal (cl-loop for i downfrom 10 to 5 collect i) '(10 9 8 7 6 5))))

(ert-deftest cl-loop-then-until-collect ()
  (should (equal (cl-loop for x = 1 then (* 2 x) until (> x 100) collect x)
                 '(1 2 4 8 16 32 64))))

(ert-deftest cl-loop-then-while-collect ()
  (should (equal (cl-loop for i from 1 for x = i then (+ x i) while (< i 5) collect x)
                 '(1 3 6 10))))

(ert-deftest cl-loop-in-and-then-collect ()
  (should (equal (cl-loop for x in '(1 2 3) and y = 1 then (+ x y) collect (list x y))
                 '((1 1) (2 2) (3 4)))))

(ert-deftest cl-loop-in-then-collect ()
  (should (equal (cl-loop for x in '(1 2 3) for y = 1 then (+ x y) collect (list x y))
                 '((1 1) (2 3) (3 6)))))

(ert-deftest cl-loop-in-and-collect ()
  (should (equal (cl-loop for x in '(1 2) and y in '(a b c) collect (cons x y))
                 '((1 . a) (2 . b))))
  (should (equal (cl-loop for (a b) in '((1 2)) and (c d) in '((3 4) (5 6)) collect (list a b c d))
                 '((1 2 3 4)))))

(ert-deftest cl-loop-basics ()
  (should (equal (let ((l (list 1 2 3))) (cl-loop for x in-ref l do (cl-incf x 10)) l)
                 '(11 12 13)))
  (should (equal (let ((l (vector 1 2 3))) (cl-loop for x across-ref l do (setf x (* x x))) l)
                 [1 4 9]))
  (should (equal (let ((l (vector 1 2 3))) (cl-loop for x being the elements of-ref l do (setf x (* x x))) l)
                 [1 4 9]))
  (should (equal (let ((n 0)) (cl-loop (if (> (cl-incf n) 4) (cl-return n))))
                 5))
  (should (equal (let (r) (cl-loop initially (push 'i r) for x in '(1 2) do (push x r) finally (push 'f r)) r)
                 '(f 2 1 i)))
  (should (equal (mapcar #'funcall (cl-loop for x in '(1 2) collect (lambda () x)))
                 '(2 2)))
  (should (equal (should-error (cl-loop for x foo 3))
                 '(error "Expected a ‘for’ preposition, found foo")))
  (should (equal (should-error (cl-loop foo 3))
                 '(error "Expected a cl-loop keyword, found foo")))
  (should (equal (should-error (cl-loop do 3))
                 '(error "Syntax error on ‘do’ clause"))))

(ert-deftest cl-loop-repeat-collect ()
  (should (equal (cl-loop repeat 3 collect 'x) '(x x x))))

(ert-deftest cl-loop-elements-using-collect ()
  (should (equal (cl-loop for x being the elements of "abc" using (index i) collect (cons i x))
                 '((0 . 97) (1 . 98) (2 . 99)))))

(ert-deftest cl-loop-elements-collect ()
  (should (equal (cl-loop for x being the elements of '(1 2) collect x)
                 '(1 2))))

(ert-deftest cl-loop-hash-keys-using-hash-values-collect ()
  (should (equal (cl-loop for x being the hash-keys of loop-tests--table using (hash-values v) collect (cons x v))
                 '((a . 1) (b . 2)))))

(ert-deftest cl-loop-hash-values-collect ()
  (should (equal (cl-loop for x being the hash-values of loop-tests--table collect x)
                 '(1 2))))

(ert-deftest cl-loop-hash-keys-collect ()
  (should (equal (cl-loop for k being the hash-keys of loop-tests--table for i from 1 to 1 collect (list k i))
                 '((a 1)))))

(ert-deftest cl-loop-with-and-in-collect ()
  (should (equal (cl-loop with a = 1 and b = 2 with c for x in '(1 2) collect (list a b c x))
                 '((1 2 nil 1) (1 2 nil 2)))))

(ert-deftest cl-loop-with-return ()
  (should (equal (cl-loop with (a b . c) = '(1 2 3 4) return (list a b c))
                 '(1 2 (3 4)))))

(ert-deftest cl-loop-with-and-return ()
  (should (equal (cl-loop with a = 1 and (b c) = '(7 8) return (list a b c))
                 '(1 7 8))))

(ert-deftest cl-loop-in-while-until-collect ()
  (should (equal (cl-loop for x in '(1 2 3 4) while (< x 3) do (ignore) until (> x 1) collect x)
                 '(1))))

(ert-deftest cl-loop-in-always ()
  (should (eq (cl-loop for x in '(1 2 3) always (numberp x)) t))
  (should-not (cl-loop for x in '(1 a 3) always (numberp x))))

(ert-deftest cl-loop-in-never ()
  (should (eq (cl-loop for x in '(1 a 3) never (stringp x)) t)))

(ert-deftest cl-loop-in-thereis-and ()
  (should (equal (cl-loop for x in '(1 a 3) thereis (and (symbolp x) x)) 'a)))

(ert-deftest cl-loop-in-thereis-and-finally ()
  (should (equal (cl-loop for x in '(1 3) thereis (and (symbolp x) x) finally return 'none)
                 'none)))

(ert-deftest cl-loop-in-append ()
  (should (equal (cl-loop for x in '((1 2) (3)) append x) '(1 2 3)))
  (should (equal (should-error (cl-loop for x in '((1 2) (3) 4) append x))
                 '(wrong-type-argument sequencep 4))))

(ert-deftest cl-loop-in-nconc ()
  (should (equal (cl-loop for x in (list (list 1 2) (list 3)) nconc x)
                 '(1 2 3)))
  (should (equal (cl-loop for x in '(5 6) for i upfrom 1 nconc (list i x))
                 '(1 5 2 6))))

(ert-deftest cl-loop-in-concat ()
  (should (equal (cl-loop for x in '("a" "b") concat x) "ab")))

(ert-deftest cl-loop-in-vconcat ()
  (should (equal (cl-loop for x in '([1] (2)) vconcat x) [1 2])))

(ert-deftest cl-loop-in-count ()
  (should (equal (cl-loop for x in '(1 nil 2) count x) 2)))

(ert-deftest cl-loop-in-sum ()
  (should (equal (cl-loop for x in '(1 2.5) sum x) 3.5))
  (should (equal (should-error (cl-loop for x in '(1 2) sum 'a))
                 '(wrong-type-argument number-or-marker-p a))))

(ert-deftest cl-loop-in-maximize ()
  (should (equal (cl-loop for x in '(1 3 2) maximize x) 3)))

(ert-deftest cl-loop-in-minimize ()
  (should (equal (cl-loop for x in '(1 3 2) minimize x) 1))
  (should-not (cl-loop for x in nil minimize x)))

(ert-deftest cl-loop-in-collect-into-finally ()
  (should (equal (cl-loop for x in '(1 3 2) collect x into y finally return (nreverse y))
                 '(2 3 1))))

(ert-deftest cl-loop-in-collect-into-sum ()
  (should (equal (cl-loop for x in '(1 3 2) collect x into y sum x into z finally return (list y z))
                 '((1 3 2) 6))))

(ert-deftest cl-loop-in-append-into-finally ()
  (should (equal (cl-loop for x in '((1 3) (2)) append x into y finally return y)
                 '(1 3 2))))

(ert-deftest cl-loop-in-if-collect-into ()
  (should (equal (cl-loop for x in '(1 2 3 4) if (cl-evenp x) collect x into e else collect x into o finally return (list e o))
                 '((2 4) (1 3)))))

(ert-deftest cl-loop-in-if-collect-and ()
  (should (equal (cl-loop for x in '(1 2 3 4) if (cl-evenp x) collect (- x) and collect 0 else do (ignore) end collect x)
                 '(1 -2 0 2 3 -4 0 4))))

(ert-deftest cl-loop-in-when-return-it ()
  (should (equal (cl-loop for x in '(nil 2 3 4) when x return it) 2)))

(ert-deftest cl-loop-in-unless-return ()
  (should (equal (cl-loop for x in '(nil 2 3 4) unless x return 'none) 'none)))

(ert-deftest cl-loop-in-when-return-finally ()
  (should (equal (cl-loop for x in '(1 2 3) when (= x 2) return (list x) finally return 5)
                 '(2)))
  (should (equal (cl-loop for x in '(1 2 3) when (= x 7) return (list x) finally return 5)
                 5)))

(ert-deftest cl-loop-named-in ()
  (should (equal (cl-loop named foo for x in '(1 2 3) do (cl-return-from foo x))
                 1)))

(ert-deftest cl-loop-in-while-collect ()
  (should (equal (cl-loop for x in '(1 2 3) for y in '(a b) while y for i from 1 collect (list x y i))
                 '((1 a 1) (2 b 2)))))

(ert-deftest cl-loop-and-collect ()
  (should (equal (cl-loop for i from 1 to 3 and j from 10 to 11 collect (list i j))
                 '((1 10) (2 11)))))

(ert-deftest cl-loop-in-finally-return ()
  (should (equal (cl-loop for x in '(1 2) for i from 0 finally return (list x i))
                 '(2 2)))
  (should (equal (cl-loop for i from 0 for x in '(1 2) finally return (list x i))
                 '(2 2)))
  (should (equal (cl-loop for x in '(1 2 3) do (cl-return 7) finally return 8)
                 7)))

(ert-deftest cl-loop-in-then-maximize-into ()
  (should (equal (cl-loop for x in '(3 1 2) for m = x then (max m x) maximize x into z finally return (list m z))
                 '(3 3))))

(ert-deftest cl-loop-elements-on-collect ()
  (should (equal (cl-loop for x being the elements of '(1 2) for y on '(a b c) collect (list x y))
                 '((1 (a b c)) (2 (b c))))))

(ert-deftest cl-loop-and-then-repeat-collect ()
  (should (equal (cl-loop for x = 1 and y = 2 then (+ x y) repeat 4 collect (list x y))
                 '((1 2) (1 3) (1 4) (1 5)))))

(ert-deftest cl-loop-then-and-repeat-collect ()
  (should (equal (cl-loop for x = 1 then (1+ x) and y = 0 then x repeat 4 collect (list x y))
                 '((1 0) (2 1) (3 2) (4 3)))))

(ert-deftest cl-loop-downto-collect ()
  (should (equal (should-error (cl-loop for i downto 3 collect i))
                 '(error "Must specify ‘from’ value for downward cl-loop"))))

(ert-deftest cl-loop-by-collect ()
  (should (equal (should-error (cl-loop for i from 1 by 0 collect i))
                 '(error "Loop ‘by’ value is not positive: 0"))))

(ert-deftest cl-loop-in ()
  (should (equal (should-error (cl-loop for x in))
                 '(error "Malformed ‘cl-loop’ macro"))))

(ert-deftest cl-loop-in-collect-into ()
  (should-not (cl-loop for x in '(1 2) collect x into y)))

(ert-deftest cl-loop-in-if-collect-else ()
  (should (equal (cl-loop for x in '(1 2 3) if (> x 1) if (> x 2) collect x else collect (- x) end else collect 'one)
                 '(one -2 3))))

(ert-deftest cl-loop-in-until-when-sum ()
  (should (equal (cl-loop for x in '(1 2 3 4 5) until (= x 4) when (cl-oddp x) sum x into s and count t into c finally return (list s c))
                 '(4 2))))

(ert-deftest cl-loop-downto-by-collect ()
  (should (equal (cl-loop for i from 10 downto 1 by 3 collect i) '(10 7 4 1))))

(ert-deftest cl-loop-in-below-vconcat ()
  (should (equal (cl-loop for x in '(a b) for i below 5 vconcat (vector x i))
                 [a 0 b 1])))

(ert-deftest cl-loop-while-collect ()
  (should-not (cl-loop while nil collect 1)))

(ert-deftest cl-loop-until ()
  (should-not (cl-loop until t)))

(ert-deftest cl-loop-in-collect-when-return ()
  (should (equal (cl-loop for x in '(1 2 3 4) collect x when (= x 3) return 'early)
                 'early)))

(ert-deftest cl-loop-with-in-collect ()
  (should (equal (cl-loop with l = '(3 4) for x in l collect (cons x l))
                 '((3 3 4) (4 3 4)))))

;;; cl-loop-tests.el ends here
