;;; map.el --- Maps of several kinds  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A map is a hash table, an alist, a property list or an array.  A list whose
;; first element is no cons is a property list.

;;; Code:

(require 'seq)
(require 'gv)

(define-error 'map-not-inplace "Cannot modify map in-place")

(defun map--plist-p (list)
  "Return non-nil if LIST, a map, is a property list."
  (and (consp list) (atom (car list))))

(defun map--unsupported (map)
  "Signal that MAP is none."
  (error "Unsupported map type `%S': %S" (type-of map) map))

(defun mapp (map)
  "Return t if MAP is a map."
  (or (listp map) (hash-table-p map) (arrayp map)))

;;;; Looking up

(defun map-elt (map key &optional default testfn)
  "Return the value of KEY in MAP, or DEFAULT; TESTFN compares keys of alists."
  (cond ((hash-table-p map) (gethash key map default))
        ((map--plist-p map)
         (let ((found (plist-member map key)))
           (if found (cadr found) default)))
        ((listp map) (alist-get key map default nil (or testfn #'equal)))
        ((arrayp map)
         (if (map-contains-key map key) (aref map key) default))
        (t (map--unsupported map))))

(put 'map-elt 'gv-expander
     (lambda (do map key &optional default testfn)
       (macroexp-let2* nil ((k key) (d default))
         (gv-letplace (getter setter) map
           (macroexp-let2 nil m getter
             (funcall do `(map-elt ,m ,k ,d)
                      (lambda (value)
                        (macroexp-let2 nil v value
                          `(condition-case nil
                               (map-put! ,m ,k ,v ,testfn)
                             (map-not-inplace
                              ,(funcall setter `(map-insert ,m ,k ,v))
                              ,v))))))))))

(defun map-nested-elt (map keys &optional default)
  "Return the value in the nested maps of MAP at the end of KEYS, or DEFAULT."
  (or (seq-reduce (lambda (value key)
                    (when (mapp value)
                      (map-elt value key)))
                  keys map)
      default))

(defun map-contains-key (map key &optional testfn)
  "Return non-nil if MAP has KEY; TESTFN compares keys of lists."
  (cond ((hash-table-p map)
         (let ((none (make-symbol "none")))
           (not (eq none (gethash key map none)))))
        ((map--plist-p map) (plist-member map key))
        ((listp map)
         (and (consp (assoc key map (or testfn #'equal))) t))
        ((arrayp map)
         (and (natnump key) (< key (length map))))
        (t (map--unsupported map))))

;;;; All of a map

(defun map-do (function map)
  "Call FUNCTION for each key and value of MAP."
  (cond ((hash-table-p map) (maphash function map))
        ((map--plist-p map)
         (while map
           (funcall function (pop map) (pop map))))
        ((listp map)
         (mapc (lambda (pair) (funcall function (car pair) (cdr pair))) map))
        ((arrayp map)
         (let ((index -1))
           (mapc (lambda (value)
                   (funcall function (setq index (1+ index)) value))
                 map)))
        (t (map--unsupported map)))
  nil)

(defun map-apply (function map)
  "Return a list of the values of FUNCTION for each key and value of MAP."
  (let ((result nil))
    (map-do (lambda (key value) (push (funcall function key value) result)) map)
    (nreverse result)))

(defun map-keys (map)
  "Return a list of the keys of MAP."
  (map-apply (lambda (key _) key) map))

(defun map-values (map)
  "Return a list of the values of MAP."
  (map-apply (lambda (_ value) value) map))

(defun map-pairs (map)
  "Return an alist of the keys and values of MAP."
  (map-apply #'cons map))

(defun map-length (map)
  "Return the number of keys of MAP."
  (cond ((hash-table-p map) (hash-table-count map))
        ((map--plist-p map) (/ (length map) 2))
        (t (length map))))

(defun map-empty-p (map)
  "Return t if MAP is empty."
  (if (listp map)
      (null map)
    (= (map-length map) 0)))

(defun map-copy (map)
  "Return a copy of MAP."
  (cond ((hash-table-p map) (copy-hash-table map))
        ((map--plist-p map) (copy-sequence map))
        ((listp map) (copy-alist map))
        (t (seq-copy map))))

(defun map-keys-apply (function map)
  "Return a list of the values of FUNCTION for each key of MAP."
  (map-apply (lambda (key _) (funcall function key)) map))

(defun map-values-apply (function map)
  "Return a list of the values of FUNCTION for each value of MAP."
  (map-apply (lambda (_ value) (funcall function value)) map))

(defun map-filter (pred map)
  "Return an alist of the keys and values of MAP for which PRED holds."
  (delq nil (map-apply (lambda (key value)
                         (and (funcall pred key value)
                              (cons key value)))
                       map)))

(defun map-remove (pred map)
  "Return an alist of the keys and values of MAP for which PRED does not hold."
  (map-filter (lambda (key value) (not (funcall pred key value))) map))

(defun map-some (pred map)
  "Return the first non-nil value of PRED for a key and value of MAP."
  (catch 'map--break
    (map-do (lambda (key value)
              (let ((result (funcall pred key value)))
                (when result
                  (throw 'map--break result))))
            map)
    nil))

(defun map-every-p (pred map)
  "Return t if PRED holds for all keys and values of MAP."
  (catch 'map--break
    (map-do (lambda (key value)
              (or (funcall pred key value)
                  (throw 'map--break nil)))
            map)
    t))

;;;; Changing

(defun map-put! (map key value &optional testfn)
  "Set KEY in MAP to VALUE, and return that.
If MAP cannot be changed in place, signal `map-not-inplace'."
  (cond ((hash-table-p map) (puthash key value map))
        ((map--plist-p map)
         (plist-put map key value))
        ((listp map)
         (let ((pair (assoc key map (or testfn #'equal))))
           (unless pair
             (signal 'map-not-inplace (list map)))
           (setcdr pair value)))
        ((arrayp map) (aset map key value))
        (t (map--unsupported map)))
  value)

(defmacro map-put (map key value &optional testfn)
  "Set KEY in the place MAP to VALUE."
  `(setf (map-elt ,map ,key nil ,testfn) ,value))

(defun map-insert (map key value)
  "Return a map like MAP that has VALUE for KEY."
  (cond ((hash-table-p map)
         (let ((copy (copy-hash-table map)))
           (puthash key value copy)
           copy))
        ((map--plist-p map) (cons key (cons value map)))
        ((listp map) (cons (cons key value) map))
        (t (let ((copy (seq-copy map)))
             (aset copy key value)
             copy))))

(defun map-delete (map key)
  "Remove KEY from MAP, in place if possible, and return MAP."
  (cond ((hash-table-p map)
         (remhash key map)
         map)
        ((map--plist-p map)
         (let ((result nil)
               (kept t))
           (while (consp map)
             (setq kept (not (eq (car map) key)))
             (when kept
               (push (car map) result))
             (setq map (cdr map))
             (unless (listp map)
               (signal 'wrong-type-argument (list 'listp map)))
             (when (consp map)
               (when kept
                 (push (car map) result))
               (setq map (cdr map))))
           (nconc (nreverse result) map)))
        ((listp map)
         (setf (alist-get key map nil t) nil)
         map)
        (t (when (map-contains-key map key)
             (aset map key nil))
           map)))

;;;; Conversion and merging

(defun map-into (map type)
  "Return MAP as a map of TYPE: `list', `alist', `plist' or `hash-table'."
  (cond ((memq type '(list alist)) (map-pairs map))
        ((eq type 'plist)
         (apply #'append (map-apply #'list map)))
        ((or (eq type 'hash-table) (eq (car-safe type) 'hash-table))
         (let ((table (apply #'make-hash-table
                             (if (consp type)
                                 (cdr type)
                               (list :size (map-length map) :test #'equal)))))
           (map-do (lambda (key value) (puthash key value table)) map)
           table))
        (t (require 'cl-generic)
           (signal 'cl-no-applicable-method (list 'map-into map type)))))

(defun map-merge (type &rest maps)
  "Return a map of TYPE of the keys and values of MAPS; later ones win."
  (apply #'map-merge-with type (lambda (_old new) new) maps))

(defun map-merge-with (type function &rest maps)
  "Return a map of TYPE of the keys of MAPS.
FUNCTION combines the values of a key that is in several."
  (let ((table (make-hash-table :test #'equal))
        (none (make-symbol "none")))
    (dolist (map maps)
      (map-do (lambda (key value)
                (let ((old (gethash key table none)))
                  (puthash key
                           (if (eq old none) value (funcall function old value))
                           table)))
              map))
    (map-into table type)))

;;;; Patterns

(defun map--pcase-macroexpander (&rest args)
  "Return the pattern for a map that has what ARGS say.
A symbol is bound to the value of its key, a keyword to the variable of its
name; (KEY PATTERN) matches the value of KEY, a form."
  `(and (pred mapp)
        ,@(mapcar (lambda (arg)
                    (cond ((keywordp arg)
                           `(app (pcase--flip map-elt ,arg)
                                 ,(intern (substring (symbol-name arg) 1))))
                          ((symbolp arg)
                           `(app (pcase--flip map-elt ',arg) ,arg))
                          (t
                           `(app (pcase--flip map-elt ,(car arg))
                                 ,(if (cdr arg)
                                      (cadr arg)
                                    (car arg))))))
                  args)))
(put 'map 'pcase-macroexpander #'map--pcase-macroexpander)

(defmacro map-let (keys map &rest body)
  "Do BODY with variables bound to the values of KEYS in MAP."
  (declare (indent 2))
  (require 'pcase)
  `(pcase-let (((map ,@keys) ,map)) ,@body))

(provide 'map)

;;; map.el ends here
