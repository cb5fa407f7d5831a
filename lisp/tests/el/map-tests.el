;;; map-tests.el --- Maps  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'cl-lib)
(require 'map)

(ert-deftest map-elt ()
  (should (equal (map-elt '((a . 1)) 'a) 1))
  (should (equal (map-elt '(:a 1) :a) 1))
  (should (equal (map-elt [x y] 1) 'y))
  (should (equal (map-elt '((a . 1)) 'b 'def) 'def))
  (should (equal (map-elt (let ((h (make-hash-table))) (puthash 'a 1 h) h) 'a)
                 1))
  (should (equal (map-elt '(("a" . 1)) "a") 1))
  (should-not (map-elt '(("a" . 1)) "a" nil #'eq))
  (should (equal (map-elt [1] 5 'd) 'd))
  (should (equal (should-error (map-elt 5 1))
                 '(error "Unsupported map type ‘integer’: 5")))
  (should (equal (map-elt "abc" 1) 98))
  (should (equal (map-elt (map-into '((a . 1)) 'hash-table) 'a) 1)))

(ert-deftest map-keys ()
  (should (equal (map-keys '((a . 1) (b . 2))) '(a b)))
  (should (equal (map-keys '(:a 1 :b 2)) '(:a :b)))
  (should (equal (map-keys [x y]) '(0 1))))

(ert-deftest map-values ()
  (should (equal (map-values [x y]) '(x y))))

(ert-deftest map-pairs ()
  (should (equal (map-pairs '(:a 1)) '((:a . 1))))
  (should (equal (map-pairs [x]) '((0 . x)))))

(ert-deftest map-length ()
  (should (equal (map-length '((a . 1))) 1))
  (should (equal (map-length '(:a 1 :b 2)) 2)))

(ert-deftest map-empty-p ()
  (should (eq (map-empty-p nil) t))
  (should-not (map-empty-p '((a . 1)))))

(ert-deftest map-put! ()
  (should (equal (map-put! (list (cons 'a 1)) 'a 2) 2))
  (should (equal (let ((m (list (cons 'a 1)))) (map-put! m 'a 5) m)
                 '((a . 5))))
  (should (equal (should-error (let ((m (list (cons 'a 1)))) (map-put! m 'b 5)))
                 '(map-not-inplace ((a . 1)))))
  (should (equal (let ((m (list :a 1))) (map-put! m :a 3) m) '(:a 3)))
  (should (equal (let ((m (vector 1 2))) (map-put! m 0 'x) m) [x 2])))

(ert-deftest map-setf ()
  (should (equal (let ((m (list (cons 'a 1)))) (setf (map-elt m 'b) 2) m)
                 '((b . 2) (a . 1))))
  (should (equal (let ((m (list :a 1))) (setf (map-elt m :b) 2) m)
                 '(:a 1 :b 2)))
  (should (equal (let ((m nil)) (setf (map-elt m 'x) 1) m) '((x . 1))))
  (should (equal (let ((h (make-hash-table))) (setf (map-elt h 'a) 1) (map-elt h 'a))
                 1)))

(ert-deftest map-cl-incf ()
  (should (equal (let ((m (list (cons 'a 1)))) (cl-incf (map-elt m 'a) 5) m)
                 '((a . 6)))))

(ert-deftest map-insert ()
  (should (equal (map-insert '((a . 1)) 'b 2) '((b . 2) (a . 1))))
  (should (equal (map-insert '(:a 1) :b 2) '(:b 2 :a 1))))

(ert-deftest map-delete ()
  (should (equal (map-delete (list (cons 'a 1) (cons 'b 2)) 'a) '((b . 2))))
  (should (equal (map-delete (list :a 1 :b 2) :a) '(:b 2)))
  (should-not (let ((m (list (cons 'a 1)))) (map-delete m 'a)))
  (should (equal (map-delete (vector 1 2) 0) [nil 2])))

(ert-deftest map-do ()
  (should-not (map-do #'ignore '((a . 1))))
  (should (equal (let (r) (map-do (lambda (k v) (push (list k v) r)) '(:a 1 :b 2)) r)
                 '((:b 2) (:a 1)))))

(ert-deftest map-apply ()
  (should (equal (map-apply #'cons '((a . 1))) '((a . 1))))
  (should (equal (map-apply #'list [x]) '((0 x)))))

(ert-deftest map-keys-apply ()
  (should (equal (map-keys-apply #'symbol-name '((a . 1))) '("a"))))

(ert-deftest map-values-apply ()
  (should (equal (map-values-apply #'1+ '((a . 1))) '(2))))

(ert-deftest map-filter ()
  (should (equal (map-filter (lambda (k v) (> v 1)) '((a . 1) (b . 2)))
                 '((b . 2))))
  (should (equal (map-filter (lambda (k v) (> v 1)) '(:a 1 :b 2)) '((:b . 2)))))

(ert-deftest map-remove ()
  (should (equal (map-remove (lambda (k v) (> v 1)) '((a . 1) (b . 2)))
                 '((a . 1)))))

(ert-deftest map-some ()
  (should (equal (map-some (lambda (k v) (and (> v 1) k)) '((a . 1) (b . 2)))
                 'b)))

(ert-deftest map-every-p ()
  (should (eq (map-every-p (lambda (k v) (numberp v)) '((a . 1) (b . 2))) t)))

(ert-deftest map-merge ()
  (should (equal (map-merge 'list '((a . 1)) '((b . 2) (a . 3)))
                 '((a . 3) (b . 2))))
  (should (equal (map-merge 'plist '(:a 1) '(:b 2)) '(:a 1 :b 2))))

(ert-deftest map-merge-with ()
  (should (equal (map-merge-with 'list #'+ '((a . 1)) '((a . 2) (b . 1)))
                 '((a . 3) (b . 1)))))

(ert-deftest map-into ()
  (should (equal (map-into '((a . 1)) 'list) '((a . 1))))
  (should (equal (map-into '((a . 1)) 'plist) '(a 1)))
  (should (equal (map-into '(:a 1) 'alist) '((:a . 1))))
  (should (equal (should-error (map-into '((a . 1)) 'foo))
                 '(cl-no-applicable-method map-into ((a . 1)) foo))))

(ert-deftest mapp ()
  (should (eq (mapp '(1)) t))
  (should-not (mapp 5))
  (should (eq (mapp [1]) t))
  (should (eq (mapp (make-hash-table)) t)))

(ert-deftest map-contains-key ()
  (should (eq (map-contains-key '((a . 1)) 'a) t))
  (should-not (map-contains-key '(:a 1) :b))
  (should (eq (map-contains-key [1 2] 1) t))
  (should (eq (map-contains-key '((nil . 1)) nil) t)))

(ert-deftest map-copy ()
  (should (equal (map-copy '((a . 1))) '((a . 1)))))

(ert-deftest map-nested-elt ()
  (should (equal (map-nested-elt '((a . ((b . 2)))) '(a b)) 2))
  (should (equal (map-nested-elt '((a . 1)) '(b c) 'def) 'def)))

(ert-deftest map-let ()
  (should (equal (map-let (a b) '((a . 1) (b . 2)) (list a b)) '(1 2)))
  (should (equal (map-let (:a :b) '(:a 1 :b 2) (list a b)) '(1 2)))
  (should (equal (map-let (('x y)) '((x . 1)) y) 1))
  (should (equal (map-let (("k" v)) '(("k" . 5)) v) 5)))

(ert-deftest map-pcase-map ()
  (should (equal (pcase '((a . 1) (b . 2)) ((map a b) (list a b))) '(1 2)))
  (should (equal (pcase '(:a 1 :b 2) ((map :a :b) (list a b))) '(1 2))))

(ert-deftest map-pcase-map-quote ()
  (should (equal (pcase '((a . 1)) ((map ('a x)) x)) 1))
  (should (equal (pcase '((a . 1)) ((map a ('z q)) (list a q))) '(1 nil)))
  (should (equal (pcase 5 ((map a) a) (_ 'no)) 'no)))

;;; map-tests.el ends here
