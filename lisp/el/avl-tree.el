;;; avl-tree.el --- Balanced binary trees  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; Adelson-Velsky and Landis, "An algorithm for the organization of
;; information", 1962.  A node is [LEFT RIGHT DATA BALANCE], the balance being
;; the height of the right subtree less that of the left one.  A tree holds a
;; node without data whose left subtree is all of it.

;;; Code:

(require 'cl-lib)
(require 'generator)

(cl-defstruct (avl-tree-
               (:constructor nil)
               (:constructor avl-tree--create (cmpfun))
               (:predicate avl-tree-p)
               (:copier nil))
  (dummyroot (vector nil nil nil 0))
  cmpfun)

(defalias 'avl-tree-create #'avl-tree--create
  "Return a new empty tree whose elements COMPARE-FUNCTION puts in order.")

(defalias 'avl-tree-compare-function #'avl-tree--cmpfun
  "Return the function that puts the elements of TREE in order.")

(defun avl-tree--root (tree)
  "Return the topmost node of TREE, or nil."
  (aref (avl-tree--dummyroot tree) 0))

(defun avl-tree--set-root (tree node)
  "Make NODE the topmost node of TREE."
  (aset (avl-tree--dummyroot tree) 0 node))

;;;; Balance

(defun avl-tree--rotate (node side)
  "Turn the subtree of NODE so that its child opposite of SIDE comes on top.
Return that child.  The balances are the caller's to set."
  (let* ((other (- 1 side))
         (child (aref node other)))
    (aset node other (aref child side))
    (aset child side node)
    child))

(defun avl-tree--lean (node side)
  "Return 1 if NODE is higher on SIDE, -1 if on the other, 0 if neither."
  (* (aref node 3) (if (= side 1) 1 -1)))

(defun avl-tree--restore (node side)
  "Balance NODE, which is two levels higher on SIDE; return the new top."
  (let* ((sign (if (= side 1) 1 -1))
         (child (aref node side))
         (lean (avl-tree--lean child side)))
    (if (>= lean 0)
        (progn
          (aset node 3 (if (= lean 0) sign 0))
          (aset child 3 (if (= lean 0) (- sign) 0))
          (avl-tree--rotate node (- 1 side)))
      (let* ((grandchild (aref child (- 1 side)))
             (inner (avl-tree--lean grandchild side)))
        (aset node side (avl-tree--rotate child side))
        (aset node 3 (if (= inner 1) (- sign) 0))
        (aset child 3 (if (= inner -1) sign 0))
        (aset grandchild 3 0)
        (avl-tree--rotate node (- 1 side))))))

(defun avl-tree--grown (node side)
  "Note that NODE has grown on SIDE; return its new top, and if that grew."
  (let ((sign (if (= side 1) 1 -1)))
    (pcase (avl-tree--lean node side)
      (-1 (aset node 3 0) (cons node nil))
      (0 (aset node 3 sign) (cons node t))
      (_ (cons (avl-tree--restore node side) nil)))))

(defun avl-tree--shrunk (node side)
  "Note that NODE has shrunk on SIDE; return its new top, and if that shrank."
  (let ((sign (if (= side 1) 1 -1)))
    (pcase (avl-tree--lean node side)
      (1 (aset node 3 0) (cons node t))
      (0 (aset node 3 (- sign)) (cons node nil))
      (_ (let ((top (avl-tree--restore node (- 1 side))))
           (cons top (= (aref top 3) 0)))))))

;;;; Elements

(defun avl-tree--enter-at (node data compare update found)
  "Put DATA in the subtree of NODE; return its new top, and whether it grew.
What is stored becomes the car of FOUND."
  (if (null node)
      (progn
        (setcar found (if update (funcall update data nil) data))
        (cons (vector nil nil (car found) 0) t))
    (let ((side (cond ((funcall compare data (aref node 2)) 0)
                      ((funcall compare (aref node 2) data) 1))))
      (if (null side)
          (progn
            (setcar found (if update
                              (funcall update data (aref node 2))
                            data))
            (aset node 2 (car found))
            (cons node nil))
        (let ((below (avl-tree--enter-at (aref node side) data compare
                                         update found)))
          (aset node side (car below))
          (if (cdr below)
              (avl-tree--grown node side)
            (cons node nil)))))))

(defun avl-tree-enter (tree data &optional updatefun)
  "Put DATA in TREE, in place of an element that is equal; return what is stored.
UPDATEFUN gives that from DATA and the old element, or nil if there is none."
  (let ((found (list nil)))
    (avl-tree--set-root
     tree (car (avl-tree--enter-at (avl-tree--root tree) data
                                   (avl-tree--cmpfun tree) updatefun found)))
    (car found)))

(defun avl-tree--take-last (node found)
  "Take the last element of the subtree of NODE; it becomes the car of FOUND.
Return the new top, and whether it shrank."
  (if (null (aref node 1))
      (progn (setcar found (aref node 2))
             (cons (aref node 0) t))
    (let ((below (avl-tree--take-last (aref node 1) found)))
      (aset node 1 (car below))
      (if (cdr below) (avl-tree--shrunk node 1) (cons node nil)))))

(defun avl-tree--delete-at (node data compare test found)
  "Take DATA out of the subtree of NODE, if TEST is nil or holds for it.
Return the new top and whether it shrank; the element becomes the cdr of FOUND,
whose car becomes t."
  (if (null node)
      (cons nil nil)
    (let ((side (cond ((funcall compare data (aref node 2)) 0)
                      ((funcall compare (aref node 2) data) 1))))
      (cond
       (side
        (let ((below (avl-tree--delete-at (aref node side) data compare test
                                          found)))
          (aset node side (car below))
          (if (cdr below) (avl-tree--shrunk node side) (cons node nil))))
       ((and test (not (funcall test (aref node 2))))
        (cons node nil))
       (t
        (setcar found t)
        (setcdr found (aref node 2))
        (cond
         ((null (aref node 1)) (cons (aref node 0) t))
         ((null (aref node 0)) (cons (aref node 1) t))
         (t (let* ((last (list nil))
                   (below (avl-tree--take-last (aref node 0) last)))
              (aset node 2 (car last))
              (aset node 0 (car below))
              (if (cdr below)
                  (avl-tree--shrunk node 0)
                (cons node nil))))))))))

(defun avl-tree-delete (tree data &optional test nilflag)
  "Take the element that is equal to DATA out of TREE, and return it.
If there is none, or the function TEST does not hold for it, return NILFLAG."
  (let ((found (cons nil nil)))
    (avl-tree--set-root
     tree (car (avl-tree--delete-at (avl-tree--root tree) data
                                    (avl-tree--cmpfun tree) test found)))
    (if (car found) (cdr found) nilflag)))

(defun avl-tree-member (tree data &optional nilflag)
  "Return the element of TREE that is equal to DATA, or NILFLAG."
  (let ((node (avl-tree--root tree))
        (compare (avl-tree--cmpfun tree))
        (found nil))
    (while (and node (not found))
      (let ((here (aref node 2)))
        (cond ((funcall compare data here) (setq node (aref node 0)))
              ((funcall compare here data) (setq node (aref node 1)))
              (t (setq found t)))))
    (if found (aref node 2) nilflag)))

(defun avl-tree-member-p (tree data)
  "Return t if an element of TREE is equal to DATA."
  (let ((flag (list nil)))
    (not (eq (avl-tree-member tree data flag) flag))))

(defun avl-tree-empty (tree)
  "Return t if TREE has no elements."
  (null (avl-tree--root tree)))

(defun avl-tree-clear (tree)
  "Take all elements out of TREE."
  (avl-tree--set-root tree nil))

(defun avl-tree--outermost (tree side)
  "Return the last element of TREE on SIDE, or nil."
  (let ((node (avl-tree--root tree)))
    (when node
      (while (aref node side)
        (setq node (aref node side)))
      (aref node 2))))

(defun avl-tree-first (tree)
  "Return the first element of TREE, or nil."
  (avl-tree--outermost tree 0))

(defun avl-tree-last (tree)
  "Return the last element of TREE, or nil."
  (avl-tree--outermost tree 1))

;;;; All elements

(defun avl-tree--each (function node side)
  "Call FUNCTION on the nodes of the subtree of NODE, from SIDE on."
  (let ((stack nil))
    (while (or node stack)
      (if node
          (progn (push node stack)
                 (setq node (aref node side)))
        (setq node (pop stack))
        (funcall function node)
        (setq node (aref node (- 1 side)))))))

(defun avl-tree-map (fun tree &optional reverse)
  "Replace each element of TREE by what FUN gives for it, from the last if REVERSE."
  (avl-tree--each (lambda (node) (aset node 2 (funcall fun (aref node 2))))
                  (avl-tree--root tree) (if reverse 1 0)))

(defun avl-tree-mapc (fun tree &optional reverse)
  "Call FUN on each element of TREE, from the last if REVERSE."
  (avl-tree--each (lambda (node) (funcall fun (aref node 2)))
                  (avl-tree--root tree) (if reverse 1 0)))

(defun avl-tree-mapf (fun combinator tree &optional reverse)
  "Call FUN on each element of TREE, and join the values by COMBINATOR.
That gets each value and what there was before."
  (let ((result nil))
    (avl-tree-mapc (lambda (data)
                     (setq result
                           (funcall combinator (funcall fun data) result)))
                   tree reverse)
    result))

(defun avl-tree-mapcar (fun tree &optional reverse)
  "Return a list of what FUN gives for the elements of TREE."
  (nreverse (avl-tree-mapf fun #'cons tree reverse)))

(defun avl-tree-flatten (tree)
  "Return a list of the elements of TREE, in order."
  (avl-tree-mapcar #'identity tree))

(defun avl-tree-size (tree)
  "Return the number of elements of TREE."
  (let ((size 0))
    (avl-tree-mapc (lambda (_) (setq size (1+ size))) tree)
    size))

(defun avl-tree-copy (tree)
  "Return a copy of TREE, whose elements are the same."
  (let ((copy (avl-tree-create (avl-tree--cmpfun tree))))
    (cl-labels ((copied (node)
                  (and node
                       (vector (copied (aref node 0)) (copied (aref node 1))
                               (aref node 2) (aref node 3)))))
      (avl-tree--set-root copy (copied (avl-tree--root tree))))
    copy))

;;;; Stacks

(cl-defstruct (avl-tree--stack
               (:constructor nil)
               (:constructor avl-tree--make-stack (side store))
               (:copier nil))
  side store)

(defun avl-tree-stack-p (object)
  "Return t if OBJECT is a stack of the elements of a tree."
  (avl-tree--stack-p object))

(defun avl-tree--deepen (node side store)
  "Return STORE with NODE and what is on its SIDE in front."
  (while node
    (push node store)
    (setq node (aref node side)))
  store)

(defun avl-tree-stack (tree &optional reverse)
  "Return a stack of the elements of TREE, the first on top, or the last."
  (let ((side (if reverse 1 0)))
    (avl-tree--make-stack
     side (avl-tree--deepen (avl-tree--root tree) side nil))))

(defun avl-tree-stack-pop (stack &optional nilflag)
  "Take the top element off STACK, and return it, or NILFLAG if it is empty."
  (let ((node (pop (avl-tree--stack-store stack)))
        (side (avl-tree--stack-side stack)))
    (if (null node)
        nilflag
      (setf (avl-tree--stack-store stack)
            (avl-tree--deepen (aref node (- 1 side)) side
                              (avl-tree--stack-store stack)))
      (aref node 2))))

(defun avl-tree-stack-first (stack &optional nilflag)
  "Return the node of the top element of STACK, or NILFLAG if it is empty."
  (or (car (avl-tree--stack-store stack)) nilflag))

(defun avl-tree-stack-empty-p (stack)
  "Return t if STACK is empty."
  (null (avl-tree--stack-store stack)))

(defun avl-tree-iter (tree &optional reverse)
  "Return an iterator of the elements of TREE, from the last on if REVERSE."
  (let ((stack (avl-tree-stack tree reverse))
        (closed nil))
    (lambda (op _value)
      (pcase op
        (:close (setq closed t) nil)
        (:next (if (or closed (avl-tree-stack-empty-p stack))
                   (signal 'iter-end-of-sequence nil)
                 (avl-tree-stack-pop stack)))
        (_ (error "Unknown iterator operation %S" op))))))

(provide 'avl-tree)

;;; avl-tree.el ends here
