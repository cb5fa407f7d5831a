;;; cl-seq-tests.el --- Sequences, sets, trees and numbers of cl-lib  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)

(ert-deftest cl-seq-cl-remove ()
  (should (equal (should-error (cl-remove 1 '(1 2) :foo 3))
                 '(error "Bad keyword argument :foo")))
  (should (equal (cl-remove 1 '(1 2) :key) '(2)))
  (should (equal (cl-remove 1 '(1 2) :foo 3 :allow-other-keys t) '(2)))
  (should (equal (cl-remove 1 [1 2 1]) [2]))
  (should (equal (cl-remove ?a "abc") "bc"))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :count 1) '(2 1 3 1)))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :count 1 :from-end t) '(1 2 1 3)))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :count -1) '(1 2 1 3 1)))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :start 1 :end 3) '(1 2 3 1)))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :start 7) '(1 2 1 3 1)))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :start 3 :end 2) '(1 2 1 3 1)))
  (should (equal (cl-remove 1 '(1 2 1 3 1) :end 50) '(2 3)))
  (should (equal (cl-remove 1 [1 2 1 3 1] :end 50) [2 3]))
  (should (equal (cl-remove 2 '(1 2 3) :test #'<) '(1 2)))
  (should (equal (cl-remove 2 '(1 2 3) :test-not #'<) '(3)))
  (should (equal (cl-remove "a" '("a" "b") :test #'equal) '("b")))
  (should (equal (cl-remove 1 '((1) (2)) :key #'car) '((2))))
  (should (equal (should-error (cl-remove 1 5))
                 '(wrong-type-argument sequencep 5))))

(ert-deftest cl-seq-cl-remove-if ()
  (should (equal (cl-remove-if #'cl-evenp '(1 2 3 4) :count 1 :from-end t)
                 '(1 2 3)))
  (should (equal (should-error (cl-remove-if #'cl-evenp 5))
                 '(wrong-type-argument sequencep 5))))

(ert-deftest cl-seq-cl-remove-if-not ()
  (should (equal (cl-remove-if-not #'cl-evenp [1 2 3 4]) [2 4])))

(ert-deftest cl-seq-cl-remove-duplicates ()
  (should (equal (cl-remove-duplicates '(1 2 1 3 2)) '(1 3 2)))
  (should (equal (cl-remove-duplicates '(1 2 1 3 2) :from-end t) '(1 2 3)))
  (should (equal (cl-remove-duplicates [1 2 1 3 2]) [1 3 2]))
  (should (equal (cl-remove-duplicates "abca") "bca"))
  (should (equal (cl-remove-duplicates '("a" "b" "a") :test #'equal)
                 '("b" "a")))
  (should (equal (cl-remove-duplicates '((a 1) (b 2) (a 3)) :key #'car)
                 '((b 2) (a 3))))
  (should (equal (cl-remove-duplicates '(1 2 1 3 2 1) :start 1 :end 4)
                 '(1 2 1 3 2 1)))
  (should (equal (cl-remove-duplicates '(1 2 3 4) :test #'<) '(4)))
  (should (equal (cl-remove-duplicates '(1 2 3 4) :test #'>) '(1 2 3 4)))
  (should (equal (cl-remove-duplicates '(1 2 3 4) :test #'< :from-end t) '(1))))

(ert-deftest cl-seq-cl-substitute ()
  (should (equal (cl-substitute 'x 1 '(1 2 1) ) '(x 2 x)))
  (should (equal (cl-substitute 'x 1 '(1 2 1) :count 1 :from-end t) '(1 2 x)))
  (should (equal (cl-substitute ?x ?a "aba" :count 1) "xba"))
  (should (equal (cl-substitute 1 1.0 '(1.0 2)) '(1 2))))

(ert-deftest cl-seq-cl-substitute-if ()
  (should (equal (cl-substitute-if 'x #'cl-oddp [1 2 3] :start 1) [1 2 x])))

(ert-deftest cl-seq-cl-nsubstitute ()
  (should (equal (cl-nsubstitute 'x 1 (list 1 2 1) :end 1) '(x 2 1))))

(ert-deftest cl-seq-cl-find ()
  (should (equal (cl-find 1 '(2 1.0 1)) 1))
  (should (equal (cl-find 1.0 '(2 1.0 1)) 1.0))
  (should (equal (cl-find 2 '((1 a) (2 b) (2 c)) :key #'car) '(2 b)))
  (should (equal (cl-find 2 '((1 a) (2 b) (2 c)) :key #'car :from-end t)
                 '(2 c))))

(ert-deftest cl-seq-cl-find-if ()
  (should (equal (cl-find-if #'cl-evenp [1 2 3 4] :start 2) 4)))

(ert-deftest cl-seq-cl-find-if-not ()
  (should (equal (cl-find-if-not #'cl-evenp [1 2 3 4] :from-end t) 3)))

(ert-deftest cl-seq-cl-position ()
  (should (equal (cl-position 1 '(2 1 1)) 1))
  (should (equal (cl-position 1 '(2 1 1) :from-end t) 2))
  (should (equal (cl-position ?b "abcb" :start 2) 3)))

(ert-deftest cl-seq-cl-position-if ()
  (should-not (cl-position-if #'cl-evenp [1 3])))

(ert-deftest cl-seq-cl-count ()
  (should (equal (cl-count 1 '(1 2 1)) 2))
  (should (equal (cl-count ?a "banana" :start 2 :end 5) 1)))

(ert-deftest cl-seq-cl-count-if ()
  (should (equal (cl-count-if #'cl-evenp '(1 2 3 4)) 2)))

(ert-deftest cl-seq-cl-count-if-not ()
  (should (equal (cl-count-if-not #'cl-evenp '(1 2 3 4) :key #'1+) 2)))

(ert-deftest cl-seq-cl-mismatch ()
  (should (equal (cl-mismatch "abc" "abd") 2))
  (should-not (cl-mismatch "abc" "abc"))
  (should (equal (cl-mismatch '(1 2) [1 2 3]) 2))
  (should (equal (cl-mismatch "abc" "xbc" :from-end t) 0))
  (should-not (cl-mismatch "abc" "bc" :start1 1))
  (should (equal (cl-mismatch "abc" "bc" :from-end t) 0)))

(ert-deftest cl-seq-cl-search ()
  (should (equal (cl-search "bc" "abcbc") 1))
  (should (equal (cl-search "bc" "abcbc" :from-end t) 3))
  (should (equal (cl-search '(2 3) [1 2 3]) 1))
  (should (equal (cl-search "" "abc") 0))
  (should (equal (cl-search "" "abc" :from-end t) 3))
  (should-not (cl-search "x" "abc")))

(ert-deftest cl-seq-cl-sort ()
  (should (equal (cl-sort (list 3 1 2) #'<) '(1 2 3)))
  (should (equal (cl-sort (vector 3 1 2) #'<) [1 2 3]))
  (should (equal (cl-sort (copy-sequence "cab") #'<) "abc"))
  (should (equal (cl-sort (list '(3 a) '(1 b) '(3 c)) #'< :key #'car)
                 '((1 b) (3 a) (3 c)))))

(ert-deftest cl-seq-cl-stable-sort ()
  (should (equal (cl-stable-sort (list '(3 a) '(1 b) '(3 c)) #'> :key #'car)
                 '((3 a) (3 c) (1 b)))))

(ert-deftest cl-seq-cl-merge ()
  (should (equal (cl-merge 'list (list 1 3 5) (list 2 3 4) #'<)
                 '(1 2 3 3 4 5)))
  (should (equal (cl-merge 'vector (list 1 3 5) (vector 2 3 4) #'<)
                 [1 2 3 3 4 5]))
  (should (equal (cl-merge 'string (copy-sequence "ac") (copy-sequence "b") #'<)
                 "abc")))

(ert-deftest cl-seq-cl-member ()
  (should (equal (cl-member 2 '(1 2 3)) '(2 3)))
  (should (equal (cl-member 2 '(1 2 3) :test #'<) '(3)))
  (should (equal (cl-member '(2) '(1 (2) 3) :test #'equal) '((2) 3)))
  (should (equal (cl-member 2 '((1) (2)) :key #'car) '((2))))
  (should (equal (cl-member 2.0 '(1 2.0)) '(2.0))))

(ert-deftest cl-seq-cl-member-if ()
  (should (equal (cl-member-if #'cl-evenp '(1 2 3)) '(2 3))))

(ert-deftest cl-seq-cl-member-if-not ()
  (should (equal (cl-member-if-not #'cl-evenp '(2 4 5 6)) '(5 6))))

(ert-deftest cl-seq-cl-assoc ()
  (should (equal (cl-assoc 2 '((1 . a) nil (2 . b))) '(2 . b)))
  (should (equal (cl-assoc "b" '(("a" . 1) ("b" . 2)) :test #'equal)
                 '("b" . 2))))

(ert-deftest cl-seq-cl-assoc-if ()
  (should (equal (cl-assoc-if #'cl-evenp '((1 . a) (2 . b))) '(2 . b))))

(ert-deftest cl-seq-cl-assoc-if-not ()
  (should (equal (cl-assoc-if-not #'cl-evenp '((1 . a) (2 . b))) '(1 . a))))

(ert-deftest cl-seq-cl-rassoc ()
  (should (equal (cl-rassoc 'b '((1 . a) (2 . b))) '(2 . b))))

(ert-deftest cl-seq-cl-rassoc-if ()
  (should (equal (cl-rassoc-if #'symbolp '((1 . 2) (2 . b))) '(2 . b))))

(ert-deftest cl-seq-cl-union ()
  (should (equal (cl-union '(1 2) '(2 3)) '(3 1 2)))
  (should (equal (cl-union '(1 2 3) '(4 2)) '(4 1 2 3)))
  (should (equal (cl-union '(1) '(4 2)) '(1 4 2)))
  (should (equal (cl-union nil '(1)) '(1)))
  (should (equal (cl-union '(1) nil) '(1)))
  (should (equal (cl-union '("a") '("a" "b") :test #'equal) '("a" "b")))
  (should (equal (cl-union '((1 a)) '((1 b) (2 c)) :key #'car) '((1 b) (2 c))))
  (should (equal (cl-union '(1 1) '(2 2)) '(2 1 1))))

(ert-deftest cl-seq-cl-intersection ()
  (should (equal (cl-intersection '(1 2 3) '(3 2)) '(2 3)))
  (should (equal (cl-intersection '(1 2) '(3 2 1)) '(2 1)))
  (should (equal (cl-intersection '((1 a) (2 b)) '((2 c)) :key #'car)
                 '((2 c))))
  (should (equal (cl-intersection '(1 1 2) '(1 3 4 5)) '(1 1)))
  (should (equal (cl-intersection '("a") '("a") :test #'equal) '("a"))))

(ert-deftest cl-seq-cl-set-difference ()
  (should (equal (cl-set-difference '(1 2 3) '(2)) '(1 3)))
  (should (equal (cl-set-difference '(1 2 3 1) nil) '(1 2 3 1)))
  (should (equal (cl-set-difference '((1 a) (2 b)) '((2 c)) :key #'car)
                 '((1 a)))))

(ert-deftest cl-seq-cl-set-exclusive-or ()
  (should (equal (cl-set-exclusive-or '(1 2 3) '(2 4)) '(1 3 4))))

(ert-deftest cl-seq-cl-subsetp ()
  (should (eq (cl-subsetp '(1 2) '(3 2 1)) t))
  (should-not (cl-subsetp '(1 5) '(3 2 1)))
  (should (eq (cl-subsetp '("a") '("a") :test #'equal) t)))

(ert-deftest cl-seq-cl-nunion ()
  (should (equal (cl-nunion (list 1 2) (list 2 3)) '(3 1 2))))

(ert-deftest cl-seq-cl-nintersection ()
  (should (equal (cl-nintersection (list 1 2) (list 2 3)) '(2))))

(ert-deftest cl-seq-cl-nset-difference ()
  (should (equal (cl-nset-difference (list 1 2) (list 2 3)) '(1))))

(ert-deftest cl-seq-cl-nset-exclusive-or ()
  (should (equal (cl-nset-exclusive-or (list 1 2) (list 2 3)) '(1 3))))

(ert-deftest cl-seq-cl-adjoin ()
  (should (equal (should-error (cl-adjoin 2 '((1) (2)) :key #'car))
                 '(wrong-type-argument listp 2)))
  (should (equal (cl-adjoin '(2) '((1) (2)) :key #'car) '((1) (2)))))

(ert-deftest cl-seq-cl-subst-if ()
  (should (equal (cl-subst-if 'x #'numberp '(1 (a 2) . 3)) '(x (a x) . x))))

(ert-deftest cl-seq-cl-subst-if-not ()
  (should (equal (cl-subst-if-not 'x #'consp '(1 (a 2) . 3))
                 '(x (x x . x) . x))))

(ert-deftest cl-seq-cl-nsubst ()
  (should (equal (cl-nsubst 'x 1 (list 1 2 (list 1))) '(x 2 (x)))))

(ert-deftest cl-seq-cl-sublis ()
  (should (equal (cl-sublis '((a . 1) (b . 2)) '(a (b c) . a)) '(1 (2 c) . 1)))
  (should (equal (cl-sublis '((a . 1)) '((a) b) :key #'car-safe) '(1 b))))

(ert-deftest cl-seq-cl-nsublis ()
  (should (equal (cl-nsublis '((a . 1) (b . 2)) (list 'a (list 'b 'c)))
                 '(1 (2 c)))))

(ert-deftest cl-seq-cl-tree-equal ()
  (should (eq (cl-tree-equal '(1 (2)) '(1 (2))) t))
  (should-not (cl-tree-equal '(1 ("a")) '(1 ("a"))))
  (should (eq (cl-tree-equal '(1 ("a")) '(1 ("a")) :test #'equal) t)))

(ert-deftest cl-seq-cl-reduce ()
  (should (equal (cl-reduce #'+ '(1 2 3)) 6))
  (should (equal (cl-reduce #'+ nil) 0))
  (should (equal (cl-reduce #'list '(1)) 1))
  (should (equal (cl-reduce #'list '(1 2 3)) '((1 2) 3)))
  (should (equal (cl-reduce #'list '(1 2 3) :from-end t) '(1 (2 3))))
  (should (equal (cl-reduce #'list '(1 2 3) :initial-value 'i) '(((i 1) 2) 3)))
  (should (equal (cl-reduce #'list '(1 2 3) :initial-value 'i :from-end t)
                 '(1 (2 (3 i)))))
  (should (equal (cl-reduce #'list '(1 2 3) :key #'1+ :start 1) '(3 4)))
  (should (equal (cl-reduce #'list [1 2 3] :end 2) '(1 2)))
  (should (equal (cl-reduce #'list '() :initial-value 4) 4)))

(ert-deftest cl-seq-cl-fill ()
  (should (equal (cl-fill (list 1 2 3) 'x) '(x x x)))
  (should (equal (cl-fill (vector 1 2 3) 'x :start 1 :end 2) [1 x 3]))
  (should (equal (cl-fill (make-string 3 ?a) ?b :start 1) "abb"))
  (should (equal (cl-fill (list 1 2 3) 'x :end 50) '(x x x))))

(ert-deftest cl-seq-cl-replace ()
  (should (equal (cl-replace (list 1 2 3) '(a b)) '(a b 3)))
  (should (equal (cl-replace (vector 1 2 3) '(a b) :start1 1) [1 a b]))
  (should (equal (cl-replace (list 1 2 3) [a b c d] :start2 2) '(c d 3)))
  (should (equal (let ((l (list 1 2 3 4))) (cl-replace l l :start1 1 :start2 0 :end2 3))
                 '(1 1 2 3))))

(ert-deftest cl-seq-cl-delete ()
  (should (equal (cl-delete 1 (list 1 2 1)) '(2))))

(ert-deftest cl-seq-cl-delete-if ()
  (should (equal (cl-delete-if #'cl-oddp (list 1 2 1)) '(2))))

(ert-deftest cl-seq-cl-delete-duplicates ()
  (should (equal (cl-delete-duplicates (list 1 2 1)) '(2 1))))

(ert-deftest cl-seq-cl-some ()
  (should (eq (cl-some #'cl-evenp '(1 2)) t))
  (should (equal (cl-some (lambda (x y) (and (= x y) (list x))) '(1 2) [3 2])
                 '(2))))

(ert-deftest cl-seq-cl-every ()
  (should (eq (cl-every #'< '(1 2) '(2 3 0)) t))
  (should (eq (cl-every #'cl-evenp nil) t)))

(ert-deftest cl-seq-cl-notany ()
  (should (eq (cl-notany #'cl-evenp '(1 3)) t)))

(ert-deftest cl-seq-cl-notevery ()
  (should (eq (cl-notevery #'cl-evenp '(1 2)) t)))

(ert-deftest cl-seq-cl-map ()
  (should (equal (cl-map 'vector #'1+ '(1 2)) [2 3]))
  (should (equal (cl-map 'string #'1+ "ab") "bc"))
  (should (equal (cl-map 'list #'+ '(1 2) [3 4 5]) '(4 6))))

(ert-deftest cl-seq-cl-mapc ()
  (should (equal (cl-mapc #'ignore '(1 2)) '(1 2)))
  (should (equal (let (r) (list (cl-mapc (lambda (x y) (push (cons x y) r)) '(1 2) "ab") r))
                 '((1 2) ((2 . 98) (1 . 97))))))

(ert-deftest cl-seq-cl-mapl ()
  (should (equal (cl-mapl #'ignore '(1 2)) '(1 2))))

(ert-deftest cl-seq-cl-maplist ()
  (should (equal (cl-maplist #'identity '(1 2 3)) '((1 2 3) (2 3) (3))))
  (should (equal (cl-maplist #'list '(1 2 3) '(a b))
                 '(((1 2 3) (a b)) ((2 3) (b))))))

(ert-deftest cl-seq-cl-mapcan ()
  (should (equal (cl-mapcan #'list '(1 2)) '(1 2)))
  (should (equal (cl-mapcan #'list '(1 2) '(a b)) '(1 a 2 b))))

(ert-deftest cl-seq-cl-mapcon ()
  (should (equal (cl-mapcon #'copy-sequence '(1 2 3)) '(1 2 3 2 3 3))))

(ert-deftest cl-seq-cl-concatenate ()
  (should (equal (cl-concatenate 'list '(1) [2] "a") '(1 2 97)))
  (should (equal (cl-concatenate 'string "a" '(?b)) "ab"))
  (should (equal (cl-concatenate 'vector "a" '(?b)) [97 98]))
  (should (equal (should-error (cl-concatenate 'foo "a" '(?b)))
                 '(error "Not a sequence type name: foo"))))

(ert-deftest cl-seq-cl-subseq ()
  (should (equal (cl-subseq '(1 2 3 4) 1 3) '(2 3)))
  (should (equal (cl-subseq [1 2 3 4] -2) [3 4]))
  (should (equal (cl-subseq "abcd" 1) "bcd"))
  (should (equal (should-error (cl-subseq '(1 2) 3))
                 '(error "Bad bounding indices: 3, nil")))
  (should (equal (should-error (cl-subseq '(1 2) 1 5))
                 '(error "Bad bounding indices: 1, 5")))
  (should (equal (should-error (cl-subseq '(1 2) -3))
                 '(error "Bad bounding indices: -3, nil")))
  (should-not (cl-subseq '(1 2) 1 -1))
  (should (equal (should-error (cl-subseq "ab" 3))
                 '(args-out-of-range "ab" 3 nil)))
  (should (equal (should-error (cl-subseq 5 3))
                 '(error "Unsupported sequence: 5"))))

(ert-deftest cl-seq-setf ()
  (should (equal (let ((l (list 1 2 3 4))) (setf (cl-subseq l 1 3) '(a b)) l)
                 '(1 a b 4)))
  (should (equal (let ((p (list 'a 1))) (setf (cl-getf p 'b) 2 (cl-getf p 'a) 3) p)
                 '(b 2 a 3))))

(ert-deftest cl-seq-cl-getf ()
  (should (equal (cl-getf '(a 1 b 2) 'b) 2))
  (should (equal (cl-getf '(a 1 b 2) 'c 'd) 'd))
  (should-not (cl-getf '(a 1 b) 'b))
  (should-not (cl-getf '(a 1 b) 'c)))

(ert-deftest cl-seq-cl-incf ()
  (should (equal (let ((p nil)) (cl-incf (cl-getf p 'b 10)) p) '(b 11))))

(ert-deftest cl-seq-cl-get ()
  (should (equal (progn (put 'zz 'a 1) (list (cl-get 'zz 'a) (cl-get 'zz 'b 3) (cl-remprop 'zz 'a) (cl-remprop 'zz 'a) (symbol-plist 'zz)))
                 '(1 3 t nil nil))))

(ert-deftest cl-seq-cl-floor ()
  (should (equal (cl-floor 7 2) '(3 1)))
  (should (equal (cl-floor -7 2) '(-4 1)))
  (should (equal (cl-floor 7.5) '(7 0.5)))
  (should (equal (should-error (cl-floor 1 0)) '(arith-error)))
  (should (equal (cl-floor 7 2.0) '(3 1.0))))

(ert-deftest cl-seq-cl-ceiling ()
  (should (equal (cl-ceiling 7 2) '(4 -1))))

(ert-deftest cl-seq-cl-truncate ()
  (should (equal (cl-truncate -7 2) '(-3 -1))))

(ert-deftest cl-seq-cl-round ()
  (should (equal (cl-round 7 2) '(4 -1)))
  (should (equal (cl-round 5 2) '(2 1)))
  (should (equal (cl-round -7 2) '(-4 1)))
  (should (equal (cl-round 2.5) '(2 0.5)))
  (should (equal (cl-round 7.5 2) '(4 -0.5)))
  (should (equal (cl-round 10 4) '(2 2)))
  (should (equal (cl-round 6 4) '(2 -2))))

(ert-deftest cl-seq-cl-mod ()
  (should (equal (cl-mod -7 2) 1))
  (should (equal (cl-mod 5.5 2) 1.5)))

(ert-deftest cl-seq-cl-rem ()
  (should (equal (cl-rem -7 2) -1))
  (should (equal (cl-rem -5.5 2) -1.5)))

(ert-deftest cl-seq-cl-gcd ()
  (should (equal (cl-gcd 12 18) 6))
  (should (equal (cl-gcd) 0))
  (should (equal (cl-gcd 0 5) 5))
  (should (equal (cl-gcd -4 6) 2)))

(ert-deftest cl-seq-cl-lcm ()
  (should (equal (cl-lcm 4 6) 12))
  (should (equal (cl-lcm) 1))
  (should (equal (cl-lcm 0 5) 0))
  (should (equal (cl-lcm -4 6) 12)))

(ert-deftest cl-seq-cl-isqrt ()
  (should (equal (cl-isqrt 17) 4))
  (should (equal (cl-isqrt 0) 0))
  (should (equal (should-error (cl-isqrt -1)) '(arith-error)))
  (should (equal (cl-isqrt 10000000000000000000000) 100000000000)))

(ert-deftest cl-seq-cl-signum ()
  (should (equal (cl-signum -5) -1))
  (should (equal (cl-signum 0) 0))
  (should (equal (cl-signum 2.5) 1)))

(ert-deftest cl-seq-cl-parse-integer ()
  (should (equal (cl-parse-integer "42") 42))
  (should (equal (cl-parse-integer " -42 ") -42))
  (should (equal (cl-parse-integer "ff" :radix 16) 255))
  (should (equal (should-error (cl-parse-integer "4x"))
                 '(error "Not an integer string: ‘4x’")))
  (should (equal (cl-parse-integer "4x" :junk-allowed t) 4))
  (should-not (cl-parse-integer "" :junk-allowed t))
  (should (equal (should-error (cl-parse-integer ""))
                 '(error "Not an integer string: ‘’")))
  (should (equal (cl-parse-integer "x12y" :start 1 :end 3) 12))
  (should (equal (should-error (cl-parse-integer "+"))
                 '(error "Not an integer string: ‘+’")))
  (should (equal (cl-parse-integer "zz" :radix 36) 1295))
  (should (equal (cl-parse-integer "12345678901234567890123")
                 12345678901234567890123)))

(ert-deftest cl-seq-cl-list-length ()
  (should (equal (cl-list-length '(1 2)) 2))
  (should (equal (cl-list-length nil) 0)))

(ert-deftest cl-seq-setcdr ()
  (should-not (let ((l (list 1 2))) (setcdr (cdr l) l) (cl-list-length l))))

(ert-deftest cl-seq-cl-tailp ()
  (should-not (cl-tailp '(1) '(1)))
  (should (equal (let* ((a '(1 2)) (b (cdr a))) (list (cl-tailp b a) (cl-tailp nil a) (cl-tailp 3 '(1 . 3)) (cl-tailp 4 a)))
                 '(t t t nil))))

(ert-deftest cl-seq-cl-revappend ()
  (should (equal (cl-revappend '(1 2) '(3)) '(2 1 3))))

(ert-deftest cl-seq-cl-nreconc ()
  (should (equal (cl-nreconc (list 1 2) '(3)) '(2 1 3))))

(ert-deftest cl-seq-cl-equalp ()
  (should (eq (cl-equalp "Ab" "aB") t))
  (should (eq (cl-equalp 1 1.0) t))
  (should (eq (cl-equalp '(1 "a" [x]) '(1.0 "A" [x])) t))
  (should-not (cl-equalp 'a 'b))
  (should (eq (cl-equalp [1 2] [1.0 2]) t))
  (should-not (cl-equalp ?a "a"))
  (should (eq (cl-equalp '(1 . 2) '(1 . 2.0)) t))
  (should-not (cl-equalp "a" "ab")))

(ert-deftest cl-seq-cl-random ()
  (should (equal (cl-random 1) 0))
  (should (equal (should-error (cl-random 0)) '(arith-error)))
  (should (equal (cl-random -1) 0)))

(ert-deftest cl-seq-integerp ()
  (should (eq (integerp (cl-random 10)) t)))

(ert-deftest cl-seq-floatp ()
  (should (eq (floatp (cl-random 1.0)) t)))

(ert-deftest cl-seq-cl-make-random-state ()
  (should (equal (let ((s (cl-make-random-state 42))) (list (cl-random 1000 s) (cl-random 1000 s) (cl-random 1000000 s) (cl-random 1.0 s)))
                 '(931 618 444917 0.9428082704544067))))

(ert-deftest cl-seq-cl-evenp ()
  (should (equal (should-error (cl-evenp 2.0))
                 '(wrong-type-argument integer-or-marker-p 2.0))))

(ert-deftest cl-seq-cl-oddp ()
  (should (equal (should-error (cl-oddp 'a))
                 '(wrong-type-argument integer-or-marker-p a))))

;;; cl-seq-tests.el ends here
