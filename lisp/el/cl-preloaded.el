;;; cl-preloaded.el --- What is there of cl-lib without it  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; What compiled code calls that used macros of cl-lib, so that a byte-code file
;; need not load it: the classes of structures, and failed assertions.
;;
;; The class of a structure, a record, is the property `cl--class' of its name;
;; the variable `cl-struct-NAME-tags' holds its name and those of its descendants,
;; which its predicate looks at.

;;; Code:

(defconst cl--typeof-types
  '((integer number number-or-marker atom)
    (float number atom)
    (null symbol list sequence atom)
    (symbol atom)
    (string array sequence atom)
    (cons list sequence)
    (marker number-or-marker atom)
    (vector array sequence atom)
    (bool-vector array sequence atom)
    (char-table array sequence atom)
    (compiled-function function atom)
    (subr function atom)
    (hash-table atom)
    (buffer atom)
    (process atom)
    (window atom)
    (frame atom)
    (mutex atom)
    (thread atom)
    (font-spec atom)
    (overlay atom))
  "The types of objects with those they are kinds of, the nearest first.")

;;;; Classes

;; #s(cl-structure-class NAME DOCSTRING PARENTS SLOTS INDEX-TABLE TAG TYPE NAMED
;; PRINT CHILDREN-SYM)

(defun cl--find-class (name)
  "Return the class called NAME, or nil."
  (get name 'cl--class))

(gv-define-setter cl--find-class (class name) `(put ,name 'cl--class ,class))

(defalias 'cl-find-class #'cl--find-class)

(defun cl--class-p (object)
  "Return non-nil if OBJECT is a class."
  (and (recordp object) (memq (aref object 0) '(cl-structure-class)) t))

(defalias 'cl--struct-class-p #'cl--class-p)

(defun cl-struct-p (object)
  "Return non-nil if OBJECT is a structure that is a record."
  (and (memq (type-of object) cl-struct-cl-structure-object-tags) t))

(defun cl--struct-class-name (class) "Return the name of CLASS." (aref class 1))
(defun cl--struct-class-docstring (class)
  "Return the documentation of CLASS."
  (aref class 2))
(defun cl--struct-class-parents (class)
  "Return the parents of CLASS."
  (aref class 3))
(defun cl--struct-class-slots (class)
  "Return the vector of the slots of CLASS."
  (aref class 4))
(defun cl--struct-class-index-table (class)
  "Return the table from slot to index of CLASS."
  (aref class 5))
(defun cl--struct-class-tag (class) "Return the tag of CLASS." (aref class 6))
(defun cl--struct-class-type (class)
  "Return the kind of sequence that CLASS is made of."
  (aref class 7))
(defun cl--struct-class-named (class)
  "Return whether the sequences of CLASS have the tag."
  (aref class 8))
(defun cl--struct-class-print (class)
  "Return how CLASS is printed."
  (aref class 9))
(defun cl--struct-class-children-sym (class)
  "Return the variable of the tags of CLASS."
  (aref class 10))

(defalias 'cl--class-name #'cl--struct-class-name)
(defalias 'cl--class-docstring #'cl--struct-class-docstring)
(defalias 'cl--class-parents #'cl--struct-class-parents)
(defalias 'cl--class-slots #'cl--struct-class-slots)
(defalias 'cl--class-index-table #'cl--struct-class-index-table)

(defun cl--slot-descriptor-name (slot) "Return the name of SLOT." (aref slot 1))
(defun cl--slot-descriptor-initform (slot)
  "Return the form of the initial value of SLOT."
  (aref slot 2))
(defun cl--slot-descriptor-type (slot) "Return the type of SLOT." (aref slot 3))
(defun cl--slot-descriptor-props (slot)
  "Return the other properties of SLOT."
  (aref slot 4))

(defun cl--struct-name-p (name)
  "Return non-nil if NAME may be that of a structure."
  (and name (symbolp name) (not (keywordp name))))

(defun cl--struct-get-class (name)
  "Return the class of the structure NAME, or signal an error."
  (or (if (not (symbolp name)) name)
      (cl--find-class name)
      (error "%S is not a struct name" name)))

(defvar cl-struct-cl-structure-object-tags nil
  "The names of all structures that are records.")

(unless (cl--find-class 'cl-structure-object)
  (put 'cl-structure-object 'cl--class
       (record 'cl-structure-class 'cl-structure-object
               "The root parent of all \"normal\" CL structs"
               nil [] (make-hash-table :test 'eq :size 1)
               'cl-structure-object nil nil t
               'cl-struct-cl-structure-object-tags)))

(defun cl--struct-slot (description)
  "Return the slot of DESCRIPTION, (NAME INITFORM KEYWORD VALUE...)."
  (let ((type t)
        (properties nil)
        (options (cddr description)))
    (while options
      (let ((keyword (pop options))
            (value (pop options)))
        (if (eq keyword :type)
            (setq type value)
          (push (cons keyword value) properties))))
    (record 'cl-slot-descriptor (car description) (cadr description)
            type (nreverse properties))))

(defun cl--struct-size (slots)
  "Return the number of SLOTS with a name of their own."
  (let ((size 0))
    (dolist (slot slots)
      (unless (memq (car slot) '(cl-tag-slot cl-skip-slot))
        (setq size (1+ size))))
    size))

(defun cl-struct-define (name docstring parent type named slots children-sym
                              tag print)
  "Define the structure NAME with DOCSTRING, which extends PARENT.
TYPE is `record', `list', `vector' or nil; NAMED says whether a sequence has the
tag.  SLOTS are descriptions of slots; CHILDREN-SYM is the variable of the tags
and TAG the own one.  PRINT says how it is printed."
  (unless (cl--struct-name-p name)
    (error "Invalid struct name: %S" name))
  (let* ((ancestor (and parent (cl--struct-get-class parent)))
         (index-table (make-hash-table :test 'eq :size (cl--struct-size slots)))
         (offset 0)
         (list nil)
         (type (if (eq type 'record) nil type)))
    (dolist (slot slots)
      (unless (memq (car slot) '(cl-tag-slot cl-skip-slot))
        (when (gethash (car slot) index-table)
          (error "Duplicate slots named %s in %s" (car slot) name))
        (puthash (car slot) offset index-table)
        (push (cl--struct-slot slot) list))
      (setq offset (1+ offset)))
    (put name 'cl--class
         (record 'cl-structure-class name docstring
                 (and ancestor (list ancestor))
                 (vconcat (nreverse list))
                 index-table tag type named print children-sym))
    (unless (and (boundp children-sym) (symbol-value children-sym))
      (set children-sym (list tag)))
    (while ancestor
      (let ((tags (cl--struct-class-children-sym ancestor)))
        (unless (and (boundp tags) (memq tag (symbol-value tags)))
          (set tags (cons tag (and (boundp tags) (symbol-value tags))))))
      (setq ancestor (car (cl--struct-class-parents ancestor))))))

;;;; Assertions

(defun cl--assertion-failed (form &optional string sargs args)
  "Signal that FORM did not hold, with the message STRING of ARGS or with SARGS."
  (if debug-on-error
      (funcall debugger 'error `(cl-assertion-failed (,form ,string ,@sargs)))
    (if string
        (apply #'error string (append sargs args))
      (signal 'cl-assertion-failed `(,form ,@sargs)))))

(provide 'cl-preloaded)
;;; cl-preloaded.el ends here
