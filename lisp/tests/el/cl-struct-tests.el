;;; cl-struct-tests.el --- Structures and types of cl-lib  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)

(cl-defstruct cs-bar x (y 5))
(cl-defstruct (cs-foo (:include cs-bar (x 9))) "Doc." a (b 7))
(cl-defstruct (cs-ro (:type list) :named) (a 1 :read-only t))
(cl-defstruct (cs-rv (:type vector) (:initial-offset 1)) a b)
(cl-defstruct (cs-boa (:constructor cs-boa (x &key (y x) &aux (z (list x y))))) x y z)
(cl-defstruct (cs-nop (:constructor new-nop) (:predicate nil)) x)
(cl-deftype cs-small (&optional (n 10)) `(integer 0 ,n))
(cl-defstruct (cs-pr (:print-function (lambda (a b c) 3))) a)
(cl-defstruct (cs-e0))
(cl-defstruct (cs-nm :named) a)
(cl-defstruct cs-p x)
(cl-defstruct (cs-c (:include cs-p) (:conc-name cs-p-)) z)
(cl-defstruct (cs-pl (:type list) :named) x)
(cl-defstruct (cs-plc (:include cs-pl)) z)
(cl-defstruct (cs-pa (:type list)) x)
(cl-defstruct (cs-pb (:include cs-pa)) z)
(cl-defstruct (cs-pc (:include cs-pa) :named) z)
(cl-defstruct (cs-pe (:constructor mk (x &optional y)) ) (x 1) (y 2) (z 3))
(cl-defstruct (cs-pf (:constructor nil) (:constructor mkf (&key x (y 9)))) (x 1) (y 2) (z 3))
(cl-defstruct (cs-pg (:copier cpg) (:conc-name nil)) gx)
(cl-defstruct (cs-ph (:predicate nil)) a)

(ert-deftest cl-struct-list ()
  (should (equal (list cl-struct-cs-foo-tags cl-struct-cs-bar-tags)
                 '((cs-foo) (cs-foo cs-bar)))))

(ert-deftest cl-struct-boundp ()
  (should (equal (list (boundp 'cl-struct-foo) (boundp 'cl-struct-bar))
                 '(nil nil))))

(ert-deftest cl-struct-make-cs-foo ()
  (should (equal (make-cs-foo :a 1) #s(cs-foo 9 5 1 7)))
  (should (equal (should-error (make-cs-foo :z 1))
                 '(error "Keyword argument :z not one of (:x :y :a :b)"))))

(ert-deftest cl-struct-cs-bar-x ()
  (should (equal (should-error (cs-bar-x 5)) '(wrong-type-argument cs-bar 5)))
  (should (equal (cs-bar-x (make-cs-foo)) 9)))

(ert-deftest cl-struct-cs-foo-a ()
  (should (equal (should-error (cs-foo-a (make-cs-bar)))
                 '(wrong-type-argument cs-foo #s(cs-bar nil 5)))))

(ert-deftest cl-struct-cs-foo-x ()
  (should (equal (cs-foo-x (make-cs-foo)) 9)))

(ert-deftest cl-struct-setf ()
  (should (equal (should-error (setf (cs-foo-x 5) 3))
                 '(wrong-type-argument cs-foo 5)))
  (should (equal (should-error (setf (cs-ro-a (make-cs-ro)) 3))
                 '(error "cs-ro-a is a read-only slot")))
  (should (equal (let ((n 0)) (setf (cs-pe-x (progn (cl-incf n) (make-cs-pe))) 1) n)
                 1))
  (should (equal (setf (cl-struct-slot-value 'cs-pe 'x (make-cs-pe)) 8) 8)))

(ert-deftest cl-struct-cs-foo-p ()
  (should-not (cs-foo-p (make-cs-bar))))

(ert-deftest cl-struct-cs-bar-p ()
  (should (eq (cs-bar-p (make-cs-foo)) t)))

(ert-deftest cl-struct-copy-cs-foo ()
  (should (equal (copy-cs-foo (make-cs-foo)) #s(cs-foo 9 5 nil 7))))

(ert-deftest cl-struct-type-of ()
  (should (equal (type-of (make-cs-foo)) 'cs-foo)))

(ert-deftest cl-struct-cl-typep ()
  (should (eq (cl-typep (make-cs-foo) 'cs-bar) t))
  (should (eq (cl-typep (make-cs-foo) 'cl-structure-object) t))
  (should (eq (cl-typep (make-cs-foo) 'record) t))
  (should (eq (cl-typep (make-cs-foo) 'atom) t))
  (should (eq (cl-typep (make-cs-ro) 'cs-ro) t))
  (should (equal (should-error (cl-typep 5 'foo-nonexist))
                 '(error "Unknown type foo-nonexist")))
  (should (eq (cl-typep 5 '(integer 0 10)) t))
  (should-not (cl-typep 5 '(integer 6 *)))
  (should (eq (cl-typep 5 '(or string (and integer (satisfies cl-oddp)))) t))
  (should (eq (cl-typep 5 '(member 5 6)) t))
  (should (eq (cl-typep 5 '(eql 5)) t))
  (should (eq (cl-typep 5 '(not string)) t))
  (should-not (cl-typep 5.5 '(float (5.5) 6)))
  (should (equal (should-error (cl-typep 5 '(cs-foo 3)))
                 '(error "Bad type spec: (cs-foo 3)")))
  (should (eq (cl-typep nil 'boolean) t))
  (should-not (cl-typep 'a 'keyword))
  (should (eq (cl-typep ?a 'character) t))
  (should (eq (cl-typep 5 'real) t))
  (should (eq (cl-typep 5 'natnum) t))
  (should (eq (cl-typep nil 'null) t))
  (should (eq (cl-typep "a" 'sequence) t))
  (should (eq (cl-typep [] 'array) t))
  (should (eq (cl-typep 'a 'symbol) t))
  (should (eq (cl-typep #'car 'function) t))
  (should (eq (cl-typep 5 't) t))
  (should-not (cl-typep 5 'nil))
  (should (eq (cl-typep 5 'fixnum) t))
  (should (eq (cl-typep 5 'number) t))
  (should-not (cl-typep 5 'bignum))
  (should (equal (list (cl-typep 5 'cs-small) (cl-typep 5 '(cs-small 3)))
                 '(t nil)))
  (should (eq (cl-typep (make-cs-pl) 'cs-pl) t))
  (should (eq (cl-typep (make-cs-ph) 'cs-ph) t)))

(ert-deftest cl-struct-slot-value ()
  (should (equal (cl-struct-slot-value 'cs-foo 'a (make-cs-foo :a 3)) 3))
  (should (equal (should-error (cl-struct-slot-value 'cs-foo 'zz (make-cs-foo :a 3)))
                 '(cl-struct-unknown-slot cs-foo zz))))

(ert-deftest cl-struct-slot-info ()
  (should (equal (cl-struct-slot-info 'cs-foo)
                 '((cl-tag-slot) (x 9) (y 5) (a nil) (b 7))))
  (should (equal (should-error (cl-struct-slot-info 'nope))
                 '(error "nope is not a struct name")))
  (should (equal (cl-struct-slot-info 'cs-pc) '((x nil) (z nil)))))

(ert-deftest cl-struct-slot-offset ()
  (should (equal (cl-struct-slot-offset 'cs-foo 'b) 4)))

(ert-deftest cl-struct-sequence-type ()
  (should-not (cl-struct-sequence-type 'cs-foo)))

(ert-deftest cl-struct-make-cs-ro ()
  (should (equal (make-cs-ro) '(cs-ro 1))))

(ert-deftest cl-struct-cs-ro-p ()
  (should (eq (cs-ro-p (make-cs-ro)) t))
  (should-not (cs-ro-p 5)))

(ert-deftest cl-struct-cs-ro-a ()
  (should (equal (should-error (cs-ro-a '(b 3)))
                 '(wrong-type-argument cs-ro (b 3))))
  (should (equal (cs-ro-a (make-cs-ro :a 4)) 4)))

(ert-deftest cl-struct-make-cs-rv ()
  (should (equal (make-cs-rv :a 1) [nil 1 nil])))

(ert-deftest cl-struct-cs-rv-a ()
  (should (equal (cs-rv-a [0 1 2]) 1))
  (should (equal (should-error (cs-rv-a [])) '(args-out-of-range [] 1))))

(ert-deftest cl-struct-fboundp ()
  (should-not (fboundp 'cs-rv-p))
  (should (equal (list (fboundp 'make-cs-nop) (fboundp 'cs-nop-p) (fboundp 'new-nop))
                 '(nil nil t)))
  (should-not (fboundp 'cs-pb-p))
  (should-not (fboundp 'make-cs-pf)))

(ert-deftest cl-struct-copy-cs-rv ()
  (should (equal (copy-cs-rv [1 2]) [1 2])))

(ert-deftest cl-struct-cs-boa ()
  (should (equal (cs-boa 1) #s(cs-boa 1 1 (1 1))))
  (should (equal (cs-boa 1 :y 3) #s(cs-boa 1 3 (1 3)))))

(ert-deftest cl-struct-cl-defstruct ()
  (should (equal (should-error (cl-defstruct (x1 (:foo))))
                 '(error "Structure option :foo unrecognized")))
  (should (equal (should-error (cl-defstruct x2 a a))
                 '(error "Duplicate slots named a in x2")))
  (should (equal (should-error (cl-defstruct (x3 (:include nonexist))))
                 '(error "nonexist is not a struct name")))
  (should (equal (should-error (cl-defstruct x5 :a 5))
                 '(wrong-type-argument symbolp 5)))
  (should (equal (should-error (cl-defstruct (plv (:include cs-pl) (:type vector)) z))
                 '(error ":type disagrees with :include for plv")))
  (should (equal (should-error (cl-defstruct (pd (:type foo)) z))
                 '(error "Invalid :type specifier: foo"))))

(ert-deftest cl-struct-make-cs-pr ()
  (should (equal (make-cs-pr) #s(cs-pr nil))))

(ert-deftest cl-struct-make-cs-e0 ()
  (should (equal (make-cs-e0) #s(cs-e0))))

(ert-deftest cl-struct-make-cs-nm ()
  (should (equal (make-cs-nm :a 2) #s(cs-nm 2))))

(ert-deftest cl-struct-p ()
  (should (eq (cl-struct-p (make-cs-nm)) t)))

(ert-deftest cl-struct-cs-p-x ()
  (should (equal (should-error (cs-p-x (make-cs-p :x 3)))
                 '(wrong-type-argument cs-c #s(cs-p 3))))
  (should (equal (cs-p-x (make-cs-c :x 4)) 4)))

(ert-deftest cl-struct-cs-p-z ()
  (should (equal (cs-p-z (make-cs-c :z 4)) 4)))

(ert-deftest cl-struct-make-cs-plc ()
  (should (equal (make-cs-plc :x 1 :z 2) '(cs-plc 1 2))))

(ert-deftest cl-struct-make-cs-pb ()
  (should (equal (make-cs-pb) '(nil nil))))

(ert-deftest cl-struct-make-cs-pc ()
  (should (equal (make-cs-pc) '(nil nil))))

(ert-deftest cl-struct-mk ()
  (should (equal (mk 5) #s(cs-pe 5 2 3)))
  (should (equal (mk 5 6) #s(cs-pe 5 6 3))))

(ert-deftest cl-struct-make-cs-pe ()
  (should (equal (make-cs-pe :x 3) #s(cs-pe 3 2 3)))
  (should (equal (let ((s (make-cs-pe))) (cl-incf (cs-pe-x s) 10) (push 1 (cs-pe-y s)))
                 '(1 . 2)))
  (should (equal (let ((s (make-cs-pe))) (cl-incf (cs-pe-x s) 10) (setf (cs-pe-y s) nil) (push 'a (cs-pe-y s)) s)
                 #s(cs-pe 11 (a) 3)))
  (should (equal (let ((s (make-cs-pe))) (cl-letf (((cs-pe-x s) 7)) (cs-pe-x s)))
                 7))
  (should (eq (equal (make-cs-pe) (make-cs-pe)) t))
  (should-not (eq (make-cs-pe) (make-cs-pe))))

(ert-deftest cl-struct-mkf ()
  (should (equal (mkf) #s(cs-pf 1 9 3)))
  (should (equal (mkf :x 8) #s(cs-pf 8 9 3))))

(ert-deftest cl-struct-gx ()
  (should (equal (gx (cpg (make-cs-pg :gx 3))) 3)))

(ert-deftest cl-struct-make-cs-pl ()
  (should (equal (let ((s (make-cs-pl))) (setf (cs-pl-x s) 3) s) '(cs-pl 3))))

(ert-deftest cl-struct-cl-rotatef ()
  (should-not (cl-rotatef (cs-pe-x (make-cs-pe)) (cs-pe-y (make-cs-pe)))))

(ert-deftest cl-struct-cs-pe-x ()
  (should (equal (funcall #'cs-pe-x (make-cs-pe)) 1))
  (should (equal (mapcar #'cs-pe-x (list (make-cs-pe) (make-cs-pe :x 4)))
                 '(1 4))))

(ert-deftest cl-struct-prin1-to-string ()
  (should (equal (prin1-to-string (make-cs-pe)) "#s(cs-pe 1 2 3)")))

(ert-deftest cl-struct-read ()
  (should (equal (read (prin1-to-string (make-cs-pe))) #s(cs-pe 1 2 3))))

(ert-deftest cl-struct-cs-pe-z ()
  (should (equal (cs-pe-z (read "#s(cs-pe 1 2 3)")) 3))
  (should (equal (should-error (cs-pe-z #s(cs-pe 1)))
                 '(args-out-of-range #s(cs-pe 1) 3))))

(ert-deftest cl-struct-vectorp ()
  (should-not (vectorp (make-cs-pe))))

(ert-deftest cl-struct-recordp ()
  (should (eq (recordp (make-cs-pe)) t)))

(ert-deftest cl-struct-sequencep ()
  (should-not (sequencep (make-cs-pe))))

(ert-deftest cl-struct-get ()
  (should (equal (get 'cl-struct-unknown-slot 'error-message)
                 "struct has no slot"))
  (should (equal (get 'cl-assertion-failed 'error-message) "Assertion failed")))

(ert-deftest cl-struct-cs-ph-a ()
  (should (equal (should-error (cs-ph-a 5)) '(wrong-type-argument cs-ph 5)))
  (should (equal (cs-ph-a (make-cs-ph :a 6)) 6)))

(ert-deftest cl-struct-cl-coerce ()
  (should (equal (cl-coerce '(1 2) 'vector) [1 2]))
  (should (equal (cl-coerce "ab" 'list) '(97 98)))
  (should (equal (cl-coerce "a" 'character) 97))
  (should (equal (cl-coerce 5 'float) 5.0))
  (should (equal (cl-coerce [?a] 'string) "a"))
  (should (equal (should-error (cl-coerce 5 'string))
                 '(wrong-type-argument sequencep 5)))
  (should (equal (cl-coerce 5 'integer) 5))
  (should (equal (should-error (cl-coerce 'a 'string))
                 '(wrong-type-argument sequencep a))))

;;; cl-struct-tests.el ends here
