;;; cl-lib.el --- Common Lisp's vocabulary  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; The small words are here; the others are in files that are loaded on first
;; use.

;;; Code:

(require 'macroexp)
(require 'gv)

;;;; Numbers

(defun cl-plusp (number)
  "Return t if NUMBER is positive."
  (> number 0))

(defun cl-minusp (number)
  "Return t if NUMBER is negative."
  (< number 0))

(defun cl-oddp (integer)
  "Return t if INTEGER is odd."
  (eq (logand integer 1) 1))

(defun cl-evenp (integer)
  "Return t if INTEGER is even."
  (eq (logand integer 1) 0))

(defconst cl-digit-char-table
  (let ((table (make-vector 256 nil))
        (digit 0))
    (while (< digit 36)
      (let ((char (if (< digit 10) (+ ?0 digit) (+ ?a -10 digit))))
        (aset table char digit)
        (aset table (upcase char) digit))
      (setq digit (1+ digit)))
    table)
  "The value of each character below 256 as a digit, or nil.")

(defun cl-digit-char-p (char &optional radix)
  "Return the value of CHAR as a digit in RADIX, or nil if it is none."
  (unless (<= 2 (or radix 10) 36)
    (signal 'args-out-of-range (list 'radix radix '(2 36))))
  (let ((value (aref cl-digit-char-table char)))
    (if (< (or value most-positive-fixnum) (or radix 10)) value)))

(defconst cl-most-positive-float nil
  "The largest float; `cl-float-limits' sets it and its kin.")
(defconst cl-most-negative-float nil)
(defconst cl-least-positive-float nil)
(defconst cl-least-negative-float nil)
(defconst cl-least-positive-normalized-float nil)
(defconst cl-least-negative-normalized-float nil)
(defconst cl-float-epsilon nil)
(defconst cl-float-negative-epsilon nil)

;;;; Lists

(defalias 'cl-first #'car)
(defalias 'cl-second #'cadr)
(defalias 'cl-rest #'cdr)

(defun cl-endp (x)
  "Return t if X, a list, is empty."
  (unless (listp x)
    (signal 'wrong-type-argument (list 'list x 'x)))
  (null x))

(defalias 'cl-third #'caddr)
(defalias 'cl-fourth #'cadddr)
(defalias 'cl-caaar #'caaar)
(defalias 'cl-caadr #'caadr)
(defalias 'cl-cadar #'cadar)
(defalias 'cl-caddr #'caddr)
(defalias 'cl-cdaar #'cdaar)
(defalias 'cl-cdadr #'cdadr)
(defalias 'cl-cddar #'cddar)
(defalias 'cl-cdddr #'cdddr)
(defalias 'cl-caaaar #'caaaar)
(defalias 'cl-caaadr #'caaadr)
(defalias 'cl-caadar #'caadar)
(defalias 'cl-caaddr #'caaddr)
(defalias 'cl-cadaar #'cadaar)
(defalias 'cl-cadadr #'cadadr)
(defalias 'cl-caddar #'caddar)
(defalias 'cl-cadddr #'cadddr)
(defalias 'cl-cdaaar #'cdaaar)
(defalias 'cl-cdaadr #'cdaadr)
(defalias 'cl-cdadar #'cdadar)
(defalias 'cl-cdaddr #'cdaddr)
(defalias 'cl-cddaar #'cddaar)
(defalias 'cl-cddadr #'cddadr)
(defalias 'cl-cdddar #'cdddar)
(defalias 'cl-cddddr #'cddddr)

(defun cl-fifth (list)
  "Return the fifth element of LIST."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 4 ,list) ,store))))
  (nth 4 list))

(defun cl-sixth (list)
  "Return the sixth element of LIST."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 5 ,list) ,store))))
  (nth 5 list))

(defun cl-seventh (list)
  "Return the seventh element of LIST."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 6 ,list) ,store))))
  (nth 6 list))

(defun cl-eighth (list)
  "Return the eighth element of LIST."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 7 ,list) ,store))))
  (nth 7 list))

(defun cl-ninth (list)
  "Return the ninth element of LIST."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 8 ,list) ,store))))
  (nth 8 list))

(defun cl-tenth (list)
  "Return the tenth element of LIST."
  (declare (gv-setter (lambda (store) `(setcar (nthcdr 9 ,list) ,store))))
  (nth 9 list))

(defun cl-list* (arg &rest others)
  "Return a list of the arguments, the last of which is its tail."
  (cond ((null others) arg)
        ((null (cdr others)) (cons arg (car others)))
        (t (let* ((count (length others))
                  (copy (copy-sequence others))
                  (before (nthcdr (- count 2) copy)))
             (setcdr before (cadr before))
             (cons arg copy)))))

(defun cl-ldiff (list sublist)
  "Return a copy of LIST up to its tail SUBLIST."
  (let ((result nil))
    (while (and (consp list) (not (eq list sublist)))
      (push (pop list) result))
    (nreverse result)))

(defun cl-copy-list (list)
  "Return a copy of LIST, which may be dotted."
  (if (consp list)
      (let ((result nil))
        (while (consp list)
          (push (pop list) result))
        (prog1 (nreverse result)
          (setcdr result list)))
    (car list)))

(defun cl-acons (key value alist)
  "Return ALIST with a pair of KEY and VALUE before it."
  (cons (cons key value) alist))

(defun cl-pairlis (keys values &optional alist)
  "Return ALIST with pairs of the KEYS and the VALUES before it."
  (nconc (cl-mapcar #'cons keys values) alist))

(defun cl-adjoin (cl-item cl-list &rest cl-keys)
  "Return CL-LIST with CL-ITEM at its front, unless it is in the list.
Keywords: `:test', `:test-not', `:key'."
  (cond ((or (equal cl-keys '(:test eq))
             (and (null cl-keys) (not (numberp cl-item))))
         (if (memq cl-item cl-list) cl-list (cons cl-item cl-list)))
        ((or (equal cl-keys '(:test equal)) (null cl-keys))
         (if (member cl-item cl-list) cl-list (cons cl-item cl-list)))
        (t (apply #'cl--adjoin cl-item cl-list cl-keys))))

(defun cl-subst (cl-new cl-old cl-tree &rest cl-keys)
  "Return CL-TREE with CL-NEW in place of each CL-OLD.
Keywords: `:test', `:test-not', `:key'."
  (if (or cl-keys (and (numberp cl-old) (not (fixnump cl-old))))
      (apply 'cl-sublis (list (cons cl-old cl-new)) cl-tree cl-keys)
    (cl--do-subst cl-new cl-old cl-tree)))

(defun cl--do-subst (new old tree)
  "Return TREE with NEW in place of what is `eql' to OLD."
  (cond ((eql tree old) new)
        ((consp tree)
         (let ((first (cl--do-subst new old (car tree)))
               (rest (cl--do-subst new old (cdr tree))))
           (if (and (eq first (car tree)) (eq rest (cdr tree)))
               tree
             (cons first rest))))
        (t tree)))

(defun cl-mapcar (cl-func cl-x &rest cl-rest)
  "Return the values of CL-FUNC for each tuple of elements of the sequences.
The shortest sequence ends it."
  (cond ((cdr cl-rest)
         (cl--mapcar-many cl-func (cons cl-x cl-rest)))
        (cl-rest
         (let* ((other (car cl-rest))
                (count (min (length cl-x) (length other)))
                (result nil)
                (i 0))
           (while (< i count)
             (push (funcall cl-func
                            (if (consp cl-x) (pop cl-x) (aref cl-x i))
                            (if (consp other) (pop other) (aref other i)))
                   result)
             (setq i (1+ i)))
           (nreverse result)))
        (t (mapcar cl-func cl-x))))

;;;; Values

(defalias 'cl-values #'list)

(defun cl-values-list (list)
  "Return the elements of LIST as several values, which is a list."
  (unless (listp list)
    (signal 'wrong-type-argument list))
  list)

(defalias 'cl-multiple-value-list #'identity)
(defalias 'cl-multiple-value-apply #'apply)
(defalias 'cl-multiple-value-call 'apply)
(defalias 'cl-nth-value #'nth)

;;;; Setting

;;;###autoload
(defmacro cl-incf (place &optional x)
  "Add X, or 1, to the number in PLACE."
  (declare (debug (place &optional form)))
  (if (symbolp place)
      (list 'setq place (if x (list '+ place x) (list '1+ place)))
    (list 'cl-callf '+ place (or x 1))))

(defmacro cl-decf (place &optional x)
  "Subtract X, or 1, from the number in PLACE."
  (declare (debug cl-incf))
  (if (symbolp place)
      (list 'setq place (if x (list '- place x) (list '1- place)))
    (list 'cl-callf '- place (or x 1))))

(defmacro cl-pushnew (x place &rest keys)
  "Put X at the front of the list in PLACE, unless it is there.
Keywords: `:test', `:test-not', `:key'."
  (if (symbolp place)
      (if (null keys)
          (macroexp-let2 nil v x
            `(if (memql ,v ,place)
                 ,place
               (setq ,place (cons ,v ,place))))
        `(setq ,place (cl-adjoin ,x ,place ,@keys)))
    `(cl-callf2 cl-adjoin ,x ,place ,@keys)))

;;;; Declarations

(defvar cl--optimize-speed 1)
(defvar cl--optimize-safety 1)
(defvar cl--proclaims-deferred nil)

(defun cl-proclaim (spec)
  "Note the declaration SPEC, which has no effect in interpreted code."
  (ignore spec)
  nil)

(defmacro cl-declaim (&rest specs)
  "Note the declarations SPECS."
  (list 'eval-and-compile
        (cons 'progn
              (mapcar (lambda (spec) `(cl-proclaim ',spec)) specs))))

(defvar cl-custom-print-functions nil
  "Functions of the printing of structures that some programs add.")

(defvar cl--gensym-counter 0
  "The number in the name of the next symbol of `cl-gensym'.")

(defun cl--defalias (name definition &optional documentation)
  "Give NAME the DEFINITION with DOCUMENTATION."
  (defalias name definition documentation))

(dolist (file '("cl-macs" "cl-extra" "cl-seq" "tenure/cl-arguments"
                "tenure/cl-bind" "tenure/cl-loop" "tenure/cl-loop-for"
                "tenure/cl-struct" "tenure/cl-types" "tenure/cl-sets"))
  (tenure-autoloads file))

(provide 'cl-lib)
(run-hooks 'cl-load-hook)

;;; cl-lib.el ends here
