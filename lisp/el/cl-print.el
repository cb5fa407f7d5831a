;;; cl-print.el --- Printing by generic functions  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A program says how its objects are printed with methods of `cl-print-object'.
;; What is too long or too deep becomes three dots, and so does the end of a
;; string: `print-length' is the number of its characters too.

;;; Code:

(require 'cl-lib)
(require 'cl-generic)

(defvar cl-print-readably nil
  "Non-nil if what is printed should be read again as the same object.")

(defvar cl-print--depth 0
  "How many objects are around the one that is being printed.")

(defvar cl-print--around (make-hash-table :test 'eq)
  "A table of the objects, and tails of lists, around the one being printed.
The value is how many there were before.")

(defvar cl-print--shared nil
  "A table of the objects that are there more than once, or nil.
The value is t, or the number of an object that was printed.")

(cl-defgeneric cl-print-object (object stream)
  "Print OBJECT to STREAM."
  (prin1 object stream))

;;;; Parts

(defun cl-print--part (object stream)
  "Print OBJECT, which is part of another, to STREAM."
  (let ((number (and cl-print--shared (gethash object cl-print--shared)))
        (depth nil))
    (cond
     ((integerp number) (princ (format "#%d#" number) stream))
     ((setq depth (and (not cl-print--shared)
                       (gethash object cl-print--around)))
      (princ (format "#%d" depth) stream))
     (t
      (when number
        (setq number (1+ (gethash cl-print--shared cl-print--shared 0)))
        (puthash cl-print--shared number cl-print--shared)
        (puthash object number cl-print--shared)
        (princ (format "#%d=" number) stream))
      (if (and (natnump print-level)
               (>= cl-print--depth print-level)
               (cl-print--compound-p object))
          (princ "..." stream)
        (if (cl-print--compound-p object)
            (unwind-protect
                (progn (cl-print--enter object)
                       (cl-print-object object stream))
              (remhash object cl-print--around))
          (cl-print-object object stream)))))))

(defun cl-print--enter (object)
  "Note that OBJECT is being printed."
  (puthash object (hash-table-count cl-print--around) cl-print--around))

(defun cl-print--compound-p (object)
  "Return non-nil if OBJECT has parts that are printed."
  (or (consp object) (vectorp object) (recordp object)))

(defun cl-print--parts (next stream)
  "Print to STREAM what NEXT gives, a list of one object or nil, with spaces."
  (let ((count 0)
        (part nil))
    (while (setq part (funcall next))
      (when (> count 0)
        (princ " " stream))
      (if (and (natnump print-length) (>= count print-length))
          (progn (princ "..." stream)
                 (while (funcall next)))
        (cl-print--part (car part) stream))
      (setq count (1+ count)))))

(defun cl-print--abbreviation (object)
  "Return what stands for the head of the list OBJECT in front of its element."
  (and print-quoted
       (consp (cdr object))
       (null (cddr object))
       (cdr (assq (car object)
                  '((quote . "'") (function . "#'") (\` . "`")
                    (\, . ",") (\,@ . ",@"))))))

(cl-defmethod cl-print-object ((object cons) stream)
  (let ((abbreviation (cl-print--abbreviation object))
        (cl-print--depth (1+ cl-print--depth)))
    (if abbreviation
        (progn (princ abbreviation stream)
               (cl-print--part (cadr object) stream))
      (cl-print--list object stream))))

(defun cl-print--list (object stream)
  "Print the list OBJECT to STREAM."
  (princ "(" stream)
  (cl-print--part (car object) stream)
  (let ((rest (cdr object))
        (count 1)
        (tails nil))
    (while (consp rest)
      (cond
       ;; A tail that is there more than once is printed behind a dot.
       ((if cl-print--shared
            (gethash rest cl-print--shared)
          (gethash rest cl-print--around))
        (princ " . " stream)
        (cl-print--part rest stream)
        (setq rest nil))
       ((and (natnump print-length) (>= count print-length))
        (princ " ..." stream)
        (setq rest nil))
       (t
        (unless cl-print--shared
          (push rest tails)
          (cl-print--enter rest))
        (princ " " stream)
        (cl-print--part (pop rest) stream)
        (setq count (1+ count)))))
    (dolist (tail tails)
      (remhash tail cl-print--around))
    (when rest
      (princ " . " stream)
      (cl-print--part rest stream)))
  (princ ")" stream))

(defun cl-print--sequence (object from stream)
  "Print to STREAM the elements of OBJECT, a vector or record, at FROM and behind."
  (cl-print--parts (lambda ()
                     (when (< from (length object))
                       (prog1 (list (aref object from))
                         (setq from (1+ from)))))
                   stream))

(cl-defmethod cl-print-object ((object vector) stream)
  (let ((cl-print--depth (1+ cl-print--depth)))
    (princ "[" stream)
    (cl-print--sequence object 0 stream)
    (princ "]" stream)))

(cl-defmethod cl-print-object ((object string) stream)
  (if (and (natnump print-length) (> (length object) print-length))
      (let ((text (prin1-to-string
                   (substring-no-properties object 0 print-length))))
        (princ (concat (substring text 0 -1) "...\"") stream))
    (prin1 object stream)))

(cl-defmethod cl-print-object ((object hash-table) stream)
  (princ (format "#<hash-table %s %d/%d %#x>"
                 (hash-table-test object)
                 (hash-table-count object) (hash-table-size object)
                 (sxhash-eq object))
         stream))

(cl-defmethod cl-print-object ((object compiled-function) stream)
  (princ "#f(compiled-function " stream)
  (let ((arglist (help-function-arglist object 'preserve-names))
        (doc (condition-case nil (documentation object 'raw) (error nil))))
    (if arglist
        (cl-print--part arglist stream)
      (princ "()" stream))
    (when doc
      (princ " " stream)
      (prin1 (or (car-safe (split-string doc "\n\n(fn")) doc) stream))
    (let ((form (interactive-form object)))
      (when form
        (princ " " stream)
        (cl-print--part form stream))))
  (princ (format " #<bytecode %#x>)" (sxhash object)) stream))

(cl-defmethod cl-print-object ((object cl-structure-object) stream)
  (let* ((cl-print--depth (1+ cl-print--depth))
         (class (cl-find-class (type-of object)))
         (slots (and class (delq nil (mapcar (lambda (slot)
                                               (and (not (memq (car slot)
                                                               '(cl-tag-slot
                                                                 cl-skip-slot)))
                                                    (car slot)))
                                             (cl-struct-slot-info
                                              (type-of object))))))
         (index 0)
         (named nil))
    (princ "#s(" stream)
    (princ (type-of object) stream)
    (when slots
      (princ " " stream))
    (let ((count 0))
      (while slots
        (cond
         ((and (natnump print-length) (>= count print-length))
          (princ "..." stream)
          (setq slots nil))
         (t
          (setq named (pop slots)
                index (1+ index)
                count (1+ count))
          (princ (format ":%s " named) stream)
          (cl-print--part (aref object index) stream)
          (when slots
            (princ " " stream))))))
    (princ ")" stream)))

;;;; The whole

(defun cl-print--find-shared (object)
  "Return a table of the parts of OBJECT that are there more than once."
  (let ((seen (make-hash-table :test 'eq))
        (pending (list object))
        (shared nil))
    (while pending
      (let ((next (pop pending)))
        (when (or (cl-print--compound-p next)
                  (and (stringp next) (> (length next) 0)))
          (pcase (gethash next seen)
            ('nil
             (puthash next 'once seen)
             (cond ((consp next)
                    (push (cdr next) pending)
                    (push (car next) pending))
                   ((not (stringp next))
                    (dotimes (i (length next))
                      (push (aref next i) pending)))))
            ('once (puthash next t seen)
                   (setq shared t))))))
    (when shared
      (maphash (lambda (key count)
                 (when (eq count 'once)
                   (remhash key seen)))
               seen)
      seen)))

;;;###autoload
(defun cl-prin1 (object &optional stream)
  "Print OBJECT to STREAM by `cl-print-object'."
  (let ((cl-print--shared (and print-circle (cl-print--find-shared object)))
        (cl-print--depth 0)
        (cl-print--around (make-hash-table :test 'eq)))
    (if cl-print-readably
        (prin1 object stream)
      (cl-print--part object stream))))

;;;###autoload
(defun cl-prin1-to-string (object)
  "Return the text that `cl-prin1' prints for OBJECT."
  (with-output-to-string
    (cl-prin1 object)))

(provide 'cl-print)

;;; cl-print.el ends here
