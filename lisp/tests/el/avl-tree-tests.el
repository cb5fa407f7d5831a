;;; avl-tree-tests.el --- Balanced binary trees  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'ert)
(require 'avl-tree)

(defun avl-tree-tests--tree (list)
  "Return a tree of the numbers in LIST."
  (let ((tree (avl-tree-create #'<)))
    (dolist (x list tree)
      (avl-tree-enter tree x))))

(ert-deftest avl-tree-order ()
  (let ((tree (avl-tree-tests--tree '(5 3 8 1 4 7 9 2 6))))
    (should (equal (avl-tree-flatten tree) '(1 2 3 4 5 6 7 8 9)))
    (should (= (avl-tree-size tree) 9))
    (should (= (avl-tree-first tree) 1))
    (should (= (avl-tree-last tree) 9))
    (should (equal (avl-tree-mapcar #'- tree) '(-1 -2 -3 -4 -5 -6 -7 -8 -9)))))

(ert-deftest avl-tree-members ()
  (let ((tree (avl-tree-tests--tree '(5 3 8))))
    (should (= (avl-tree-member tree 3) 3))
    (should (eq (avl-tree-member tree 4 'none) 'none))
    (should (avl-tree-member-p tree 8))
    (should-not (avl-tree-member-p tree 9))))

(ert-deftest avl-tree-deletion ()
  (let ((tree (avl-tree-tests--tree (number-sequence 1 50))))
    (should (eq (avl-tree-delete tree 99 nil 'none) 'none))
    (should (eq (avl-tree-delete tree 7 #'ignore 'kept) 'kept))
    (dolist (x (number-sequence 1 50 2))
      (avl-tree-delete tree x))
    (should (equal (avl-tree-flatten tree) (number-sequence 2 50 2)))
    (dolist (x (number-sequence 50 2 -2))
      (avl-tree-delete tree x))
    (should (avl-tree-empty tree))
    (should-not (avl-tree-first tree))))

(ert-deftest avl-tree-shape ()
  (should (equal (prin1-to-string (avl-tree-tests--tree '(1 2 3)))
                 "#s(avl-tree- [[[nil nil 1 0] [nil nil 3 0] 2 0] nil nil 0] <)"))
  (should (equal (prin1-to-string (avl-tree-copy (avl-tree-tests--tree '(1 2))))
                 "#s(avl-tree- [[nil [nil nil 2 0] 1 1] nil nil 0] <)")))

(ert-deftest avl-tree-updates ()
  (let ((tree (avl-tree-create (lambda (a b) (string< (car a) (car b)))))
        (add (lambda (new old)
               (if old (cons (car old) (+ (cdr old) (cdr new))) new))))
    (dolist (word '("a" "b" "a"))
      (avl-tree-enter tree (cons word 1) add))
    (should (equal (avl-tree-flatten tree) '(("a" . 2) ("b" . 1))))))

(ert-deftest avl-tree-stacks ()
  (let* ((tree (avl-tree-tests--tree '(2 1 3)))
         (stack (avl-tree-stack tree t)))
    (should (equal (list (avl-tree-stack-pop stack) (avl-tree-stack-pop stack)
                         (avl-tree-stack-empty-p stack)
                         (avl-tree-stack-pop stack)
                         (avl-tree-stack-pop stack 'none)
                         (avl-tree-stack-empty-p stack))
                   '(3 2 nil 1 none t)))
    (let ((iterator (avl-tree-iter tree)))
      (should (equal (list (iter-next iterator) (iter-next iterator)) '(1 2))))))

;;; avl-tree-tests.el ends here
