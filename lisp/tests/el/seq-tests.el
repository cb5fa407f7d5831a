;;; seq-tests.el --- Sequences  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'seq)

(ert-deftest seq-elt ()
  (should (equal (seq-elt '(1 2) 1) 2))
  (should (equal (should-error (seq-elt [1] 3)) '(args-out-of-range [1] 3)))
  (should-not (seq-elt '(1) 3))
  (should (equal (should-error (seq-elt 5 0))
                 '(wrong-type-argument sequencep 5))))

(ert-deftest seq-length ()
  (should (equal (seq-length '(1 2)) 2))
  (should (equal (should-error (seq-length 5))
                 '(wrong-type-argument sequencep 5))))

(ert-deftest seq-empty-p ()
  (should (eq (seq-empty-p nil) t))
  (should-not (seq-empty-p "a"))
  (should (eq (seq-empty-p []) t)))

(ert-deftest seq-first ()
  (should (equal (seq-first '(1 2)) 1)))

(ert-deftest seq-rest ()
  (should (equal (seq-rest [1 2 3]) [2 3])))

(ert-deftest seq-do ()
  (should (equal (seq-do #'ignore '(1 2)) '(1 2)))
  (should (equal (let (r) (seq-do (lambda (x) (push x r)) [1 2]) r) '(2 1))))

(ert-deftest seq-do-indexed ()
  (should (equal (let (r) (seq-do-indexed (lambda (x i) (push (cons x i) r)) "ab") r)
                 '((98 . 1) (97 . 0)))))

(ert-deftest seq-subseq ()
  (should (equal (seq-subseq '(1 2 3 4) 1 3) '(2 3)))
  (should (equal (seq-subseq [1 2 3] -2) [2 3]))
  (should (equal (seq-subseq "abc" 1) "bc"))
  (should (equal (should-error (seq-subseq '(1 2) 3))
                 '(error "Bad bounding indices: 3, nil")))
  (should (equal (should-error (seq-subseq '(1 2) 0 5))
                 '(error "Bad bounding indices: 0, 5")))
  (should (equal (should-error (seq-subseq [1 2] 3))
                 '(args-out-of-range [1 2] 3 nil)))
  (should (equal (seq-subseq '(1 2 3) -2 -1) '(2)))
  (should (equal (should-error (seq-subseq 5 1))
                 '(error "Unsupported sequence: 5")))
  (should (equal (should-error (seq-subseq '(1 2) -5))
                 '(error "Bad bounding indices: -5, nil"))))

(ert-deftest seq-map ()
  (should (equal (seq-map #'1+ '(1 2)) '(2 3)))
  (should (equal (seq-map #'1+ [1 2]) '(2 3))))

(ert-deftest seq-map-indexed ()
  (should (equal (seq-map-indexed #'cons '(a b)) '((a . 0) (b . 1)))))

(ert-deftest seq-mapn ()
  (should (equal (seq-mapn #'+ '(1 2) [3 4 5]) '(4 6)))
  (should (equal (seq-mapn #'list "ab") '((97) (98)))))

(ert-deftest seq-mapcat ()
  (should (equal (seq-mapcat #'list '(1 2)) '(1 2)))
  (should (equal (seq-mapcat (lambda (x) (vector x x)) '(1 2) 'vector)
                 [1 1 2 2])))

(ert-deftest seq-drop ()
  (should (equal (seq-drop '(1 2 3) 2) '(3)))
  (should (equal (seq-drop [1 2 3] 2) [3]))
  (should (equal (seq-drop '(1 2) -1) '(1 2)))
  (should-not (seq-drop '(1 2) 5))
  (should (equal (seq-drop "abc" 9) "")))

(ert-deftest seq-take ()
  (should (equal (seq-take '(1 2 3) 2) '(1 2)))
  (should (equal (seq-take [1 2 3] 2) [1 2]))
  (should (equal (seq-take '(1) 5) '(1)))
  (should (equal (seq-take "abc" 0) ""))
  (should-not (seq-take '(1 2) -1)))

(ert-deftest seq-drop-while ()
  (should (equal (seq-drop-while #'cl-oddp '(1 3 4 5)) '(4 5)))
  (should (equal (seq-drop-while #'cl-oddp [1 3]) [])))

(ert-deftest seq-take-while ()
  (should (equal (seq-take-while #'cl-oddp [1 3 4 5]) [1 3]))
  (should-not (seq-take-while #'cl-oddp '(2 3))))

(ert-deftest seq-filter ()
  (should (equal (seq-filter #'cl-evenp '(1 2 3 4)) '(2 4)))
  (should (equal (seq-filter #'cl-evenp [1 2 3 4]) '(2 4)))
  (should (equal (seq-filter (lambda (c) (eq c ?a)) "banana") '(97 97 97))))

(ert-deftest seq-remove ()
  (should (equal (seq-remove #'cl-evenp '(1 2 3)) '(1 3))))

(ert-deftest seq-reduce ()
  (should (equal (seq-reduce #'+ '(1 2 3) 10) 16))
  (should (equal (seq-reduce #'cons [1 2] nil) '((nil . 1) . 2))))

(ert-deftest seq-every-p ()
  (should (eq (seq-every-p #'cl-evenp '(2 4)) t))
  (should (eq (seq-every-p #'cl-evenp nil) t)))

(ert-deftest seq-some ()
  (should (eq (seq-some #'cl-evenp '(1 2)) t))
  (should (equal (seq-some (lambda (x) (and (> x 1) (list x))) [1 2 3]) '(2))))

(ert-deftest seq-find ()
  (should (equal (seq-find #'cl-evenp '(1 2 4)) 2))
  (should (equal (seq-find #'cl-evenp '(1) 'none) 'none)))

(ert-deftest seq-count ()
  (should (equal (seq-count #'cl-evenp [1 2 4]) 2)))

(ert-deftest seq-contains-p ()
  (should (eq (seq-contains-p '(1 "a") "a") t))
  (should-not (seq-contains-p [1 2] 3))
  (should (eq (seq-contains-p '(1 2) 2 #'eq) t))
  (should (eq (seq-contains-p "abc" ?b) t))
  (should-not (seq-contains-p '(5 6) 2 #'<)))

(ert-deftest seq-position ()
  (should (equal (seq-position '(a b c) 'b) 1))
  (should (equal (seq-position "abc" ?c) 2))
  (should (equal (seq-position '("a") "a") 0))
  (should-not (seq-position '("a") "a" #'eq)))

(ert-deftest seq-uniq ()
  (should (equal (seq-uniq '(1 2 1 "a" "a")) '(1 2 "a")))
  (should (equal (seq-uniq [1 2 1]) '(1 2)))
  (should (equal (seq-uniq '("A" "a") (lambda (a b) (string= (downcase a) (downcase b))))
                 '("A"))))

(ert-deftest seq-union ()
  (should (equal (seq-union '(1 2) '(2 3)) '(1 2 3)))
  (should (equal (seq-union [1 2] "a") '(1 2 97))))

(ert-deftest seq-intersection ()
  (should (equal (seq-intersection '(1 2 3) [3 1]) '(1 3))))

(ert-deftest seq-difference ()
  (should (equal (seq-difference '(1 2 3) '(2)) '(1 3)))
  (should (equal (seq-difference [1 2] [2]) '(1))))

(ert-deftest seq-set-equal-p ()
  (should (eq (seq-set-equal-p '(1 2) '(2 1 1)) t))
  (should-not (seq-set-equal-p '(1) '(2))))

(ert-deftest seq-sort ()
  (should (equal (seq-sort #'< '(3 1 2)) '(1 2 3)))
  (should (equal (seq-sort #'< [3 1 2]) [1 2 3]))
  (should (equal (seq-sort #'< "cab") "abc"))
  (should (equal (let ((l (list 3 1 2))) (seq-sort #'< l) l) '(3 1 2))))

(ert-deftest seq-sort-by ()
  (should (equal (seq-sort-by #'car #'< '((2 a) (1 b))) '((1 b) (2 a)))))

(ert-deftest seq-reverse ()
  (should (equal (seq-reverse '(1 2)) '(2 1)))
  (should (equal (seq-reverse [1 2]) [2 1]))
  (should (equal (seq-reverse "ab") "ba")))

(ert-deftest seq-concatenate ()
  (should (equal (seq-concatenate 'list '(1) [2] "a") '(1 2 97)))
  (should (equal (seq-concatenate 'vector '(1)) [1]))
  (should (equal (seq-concatenate 'string "a" '(?b)) "ab"))
  (should (equal (should-error (seq-concatenate 'foo "a"))
                 '(error "Not a sequence type name: foo"))))

(ert-deftest seq-into ()
  (should (equal (seq-into '(1 2) 'vector) [1 2]))
  (should (equal (seq-into [1 2] 'list) '(1 2)))
  (should (equal (seq-into "ab" 'list) '(97 98)))
  (should (equal (seq-into '(?a) 'string) "a"))
  (should (equal (should-error (seq-into '(1) 'foo))
                 '(error "Not a sequence type name: foo")))
  (should (equal (should-error (seq-into [1] 'array))
                 '(error "Not a sequence type name: array"))))

(ert-deftest seq-into-sequence ()
  (should (equal (seq-into-sequence '(1)) '(1)))
  (should (equal (should-error (seq-into-sequence 5))
                 '(error "Cannot convert 5 into a sequence"))))

(ert-deftest seq-partition ()
  (should (equal (seq-partition '(1 2 3 4 5) 2) '((1 2) (3 4) (5))))
  (should (equal (seq-partition [1 2 3] 2) '([1 2] [3])))
  (should (equal (seq-partition "abc" 2) '("ab" "c")))
  (should-not (seq-partition '(1) 0)))

(ert-deftest seq-group-by ()
  (should (equal (seq-group-by #'cl-evenp '(1 2 3)) '((t 2) (nil 1 3))))
  (should (equal (seq-group-by #'car '((a 1) (b 2) (a 3)))
                 '((b (b 2)) (a (a 1) (a 3))))))

(ert-deftest seq-min ()
  (should (equal (seq-min '(3 1)) 1)))

(ert-deftest seq-max ()
  (should (equal (seq-max [1 5 2]) 5)))

(ert-deftest seq-copy ()
  (should (equal (seq-copy '(1 2)) '(1 2))))

(ert-deftest seq-random-elt ()
  (should (equal (seq-random-elt '(7)) 7))
  (should (equal (should-error (seq-random-elt nil))
                 '(error "Sequence cannot be empty"))))

(ert-deftest seqp ()
  (should (eq (seqp '(1)) t))
  (should-not (seqp 5))
  (should (eq (seqp "a") t)))

(ert-deftest seq-let ()
  (should (equal (seq-let (a b) '(1 2 3) (list a b)) '(1 2)))
  (should (equal (seq-let (a _ b) [1 2 3] (list a b)) '(1 3)))
  (should (equal (seq-let (a &rest r) '(1 2 3) (list a r)) '(1 (2 3))))
  (should (equal (seq-let (a b) '(1) (list a b)) '(1 nil)))
  (should (equal (seq-let (a (b c)) '(1 (2 3)) (list a b c)) '(1 2 3)))
  (should (equal (seq-let (a b) "xy" (list a b)) '(120 121))))

(ert-deftest seq-setq ()
  (should (equal (let (a b) (seq-setq (a b) '(1 2)) (list a b)) '(1 2))))

(ert-deftest seq-doseq ()
  (should (equal (let (r) (seq-doseq (x [1 2]) (push x r)) r) '(2 1))))

(ert-deftest seq-pcase-seq ()
  (should (equal (pcase '(1 2) ((seq a b) (list a b))) '(1 2)))
  (should (equal (pcase '(1 2 3) ((seq a &rest b) (list a b))) '(1 (2 3))))
  (should (equal (pcase [1 2] ((seq 1 x) x)) 2))
  (should (equal (pcase '(1) ((seq a b) (list a b))) '(1 nil)))
  (should (equal (pcase "ab" ((seq x y) (list x y))) '(97 98))))

(ert-deftest seq-pcase-seq-quote ()
  (should (equal (pcase 5 ((seq a) a) (_ 'no)) 'no)))

;;; seq-tests.el ends here
