;;; cl-struct.el --- Structures and types of Common Lisp  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Commentary:

;; A structure is a record whose type is the structure's name, or a list or a
;; vector.  Its class is in cl-preloaded.el.

;;; Code:

(require 'macroexp)
(require 'cl-lib)
(require 'cl-preloaded)

(define-error 'cl-struct-unknown-slot "struct has no slot")

;;;; Definition

(defmacro cl-defstruct (struct &rest descs)
  "Define the structure STRUCT, a name or (NAME OPTION...), with slots DESCS.
A slot is a name or (NAME DEFAULT KEYWORD VALUE...)."
  (declare (doc-string 2) (indent 1))
  (let* ((name (if (consp struct) (car struct) struct))
         (docstring (if (stringp (car descs)) (pop descs)))
         (options (cl--struct-options name (cdr-safe struct)))
         (include (plist-get options :include))
         (parent (and include (cl--struct-get-class (car include))))
         (type (or (plist-get options :type)
                   (and parent (or (cl--struct-class-type parent) 'record))
                   'record))
         (named (or (plist-get options :named)
                    (and parent (cl--struct-class-named parent))))
         (slots (cl--struct-slots name parent include type named
                                  (plist-get options :initial-offset) descs))
         (tagged (cl--struct-tag-position slots))
         (tags (intern (format "cl-struct-%s-tags" name)))
         (forms nil))
    (when (and parent (plist-get options :type)
               (not (eq (cl--struct-class-type parent)
                        (if (eq type 'record) nil type))))
      (error ":type disagrees with :include for %s" name))
    (push `(defvar ,tags) forms)
    (let ((predicate (cl--struct-predicate name type tagged slots tags options)))
      (setq forms (append (reverse (cdr predicate)) forms))
      (setq forms (append (reverse (cl--struct-accessors
                                    name type slots options
                                    (car predicate)))
                          forms)))
    (let ((copier (plist-get options :copier)))
      (when copier
        (push `(defalias ',copier #'copy-sequence) forms)))
    (dolist (constructor (plist-get options :constructors))
      (push (cl--struct-constructor name type constructor slots) forms))
    `(progn
       ,@(nreverse forms)
       (eval-and-compile
         (cl-struct-define
          ',name ,docstring
          ',(cond (include (car include))
                  ((eq type 'record) 'cl-structure-object))
          ',type ,(and named tagged (not (eq type 'record))) ',slots ',tags ',name
          ',(or (plist-get options :print) (eq type 'record))))
       ',name)))

(defun cl--struct-options (name options)
  "Return a property list of the OPTIONS of the structure NAME."
  (let ((result (list :conc-name (format "%s-" name)
                      :copier (intern (format "copy-%s" name))
                      :predicate t))
        (default (intern (format "make-%s" name)))
        (constructors nil))
    (dolist (option options)
      (let ((keyword (if (consp option) (car option) option))
            (args (cdr-safe option)))
        (cond
         ((eq keyword :conc-name)
          ;; Without an argument it is the default.
          (when args
            (setq result (plist-put result :conc-name
                                    (if (car args)
                                        (format "%s" (car args))
                                      "")))))
         ((eq keyword :constructor)
          (if (cdr args)
              (push args constructors)
            (when args
              (setq default (car args)))))
         ((eq keyword :copier)
          (when args (setq result (plist-put result :copier (car args)))))
         ((eq keyword :predicate)
          (when args (setq result (plist-put result :predicate (car args)))))
         ((eq keyword :include)
          (when (plist-get result :include)
            (error "Can't :include more than once"))
          (setq result (plist-put result :include args)))
         ((eq keyword :print-function)
          (setq result (plist-put result :print (car args))))
         ((eq keyword :type)
          (unless (memq (car args) '(vector list))
            (error "Invalid :type specifier: %s" (car args)))
          (setq result (plist-put result :type (car args))))
         ((eq keyword :named) (setq result (plist-put result :named t)))
         ((eq keyword :initial-offset)
          (setq result (plist-put result :initial-offset (car args))))
         ((memq keyword '(:noinline :documentation)))
         (t (error "Structure option %s unrecognized" keyword)))))
    ;; One with the default's name and arguments of its own replaces it.
    (when default
      (push (list default) constructors))
    (plist-put result :constructors constructors)))

(defun cl--struct-slots (name parent include type named offset descs)
  "Return descriptions of all slots of the structure NAME.
PARENT is the class that INCLUDE names, INCLUDE also has other defaults; TYPE,
NAMED and OFFSET tell what is in front of the own slots DESCS."
  (let ((slots (if parent
                   (cl-struct-slot-info (car include))
                 nil)))
    (dolist (change (cdr include))
      (let* ((slot (if (consp change) (car change) change))
             (old (assq slot slots)))
        (unless old
          (error "No slot %s in included struct %s" slot parent))
        (setq slots (mapcar (lambda (one)
                              (if (eq one old)
                                  (if (consp change) change (list change))
                                one))
                            slots))))
    (append slots
            (make-list (or offset 0) '(cl-skip-slot))
            (and (not parent) (or named (eq type 'record)) '((cl-tag-slot)))
            (mapcar (lambda (desc)
                      (if (consp desc) desc (list desc)))
                    (progn
                      (dolist (desc descs)
                        (unless (symbolp (or (car-safe desc) desc))
                          (signal 'wrong-type-argument
                                  (list 'symbolp (or (car-safe desc) desc)))))
                      (ignore name)
                      descs)))))

(defun cl--struct-tag-position (slots)
  "Return the index of the tag among SLOTS, or nil."
  (let ((i 0)
        (found nil))
    (dolist (slot slots)
      (when (and (not found) (eq (car slot) 'cl-tag-slot))
        (setq found i))
      (setq i (1+ i)))
    found))

(defun cl--struct-test (object type slots tags)
  "Return a form that is t if OBJECT, a variable, is of the structure.
TYPE, SLOTS and TAGS are those of the structure."
  (let ((position (cl--struct-tag-position slots)))
    (cond ((eq type 'record)
           `(and (memq (type-of ,object) ,tags) t))
          ((eq type 'vector)
           `(and (vectorp ,object)
                 (>= (length ,object) ,(length slots))
                 (memq (aref ,object ,position) ,tags)
                 t))
          ((= position 0) `(and (memq (car-safe ,object) ,tags) t))
          (t `(and (consp ,object)
                   (memq (nth ,position ,object) ,tags)
                   t)))))

(defun cl--struct-predicate (name type named slots tags options)
  "Return the name of the predicate of NAME and the forms that define it.
TYPE, NAMED, SLOTS, TAGS and OPTIONS are those of the structure."
  (let* ((option (plist-get options :predicate))
         (predicate (and (or named (eq type 'record))
                         (if (eq option t)
                             (intern (format "%s-p" name))
                           option)))
         (hidden (and (null predicate) (or named (eq type 'record))
                      (intern (format "cl--struct-%s-p" name))))
         (real (or predicate hidden)))
    (cons real
          (and real
               `((cl-defsubst ,real (cl-x)
                   (declare (side-effect-free error-free))
                   ,(cl--struct-test 'cl-x type slots tags))
                 (eval-and-compile
                   (put ',name 'cl-deftype-satisfies ',real)))))))

(defun cl--struct-accessors (name type slots options predicate)
  "Return forms that define the functions of the SLOTS of the structure NAME.
TYPE, OPTIONS and PREDICATE are those of the structure.  Places need no more:
they are expanded as the calls are."
  (let ((forms nil)
        (index 0))
    (dolist (slot slots)
      (unless (memq (car slot) '(cl-tag-slot cl-skip-slot))
        (let* ((accessor (intern (format "%s%s" (plist-get options :conc-name)
                                         (car slot))))
               (check (and predicate
                           `((or (,predicate cl-x)
                                 (signal 'wrong-type-argument
                                         (list ',name cl-x))))))
               (get (cond ((not (eq type 'list)) `(aref cl-x ,index))
                          ((= index 0) '(car cl-x))
                          (t `(nth ,index cl-x)))))
          (push `(cl-defsubst ,accessor (cl-x)
                   (declare (side-effect-free t))
                   ,@check ,get)
                forms)
          (when (plist-get (cddr slot) :read-only)
            (push `(gv-define-expander ,accessor
                     (lambda (_do _object)
                       (error "%s is a read-only slot" ',accessor)))
                  forms))))
      (setq index (1+ index)))
    (nreverse forms)))

(defun cl--struct-constructor (name type constructor slots)
  "Return a form that defines CONSTRUCTOR, (FUNCTION ARGLIST).
NAME, TYPE and SLOTS are those of the structure."
  (let* ((real (delq nil (mapcar (lambda (slot)
                                   (unless (memq (car slot)
                                                 '(cl-tag-slot cl-skip-slot))
                                     slot))
                                 slots)))
         (arglist (if (cdr constructor)
                      (cl--arguments-default
                       (cadr constructor)
                       (lambda (argument) (cdr (assq argument real))))
                    (cons '&key
                          (mapcar (lambda (slot)
                                    (if (cadr slot)
                                        (list (car slot) (cadr slot))
                                      (car slot)))
                                  real))))
         (given (cl--arguments-variables arglist))
         (values (mapcar (lambda (slot)
                           (cond ((eq (car slot) 'cl-tag-slot) `',name)
                                 ((eq (car slot) 'cl-skip-slot) nil)
                                 ((memq (car slot) given) (car slot))
                                 (t (cadr slot))))
                         slots)))
    `(cl-defsubst ,(car constructor) ,arglist
       ,@(and (stringp (nth 2 constructor)) (list (nth 2 constructor)))
       (declare (side-effect-free t))
       (,(or type 'record) ,@values))))

(defun cl--arguments-default (arglist default)
  "Return ARGLIST with default values of optional arguments.
DEFAULT is a function from an argument without one to a list of it, or nil."
  (let ((optional nil))
    (mapcar (lambda (argument)
              (cond ((memq argument '(&optional &key)) (setq optional t) argument)
                    ((memq argument '(&rest &body &aux))
                     (setq optional nil)
                     argument)
                    ((and optional (symbolp argument)
                          (not (eq argument '&allow-other-keys)))
                     (let ((value (funcall default argument)))
                       (if (car value) (list argument (car value)) argument)))
                    ((and optional (consp argument) (null (cdr argument)))
                     (let ((value (funcall default
                                           (if (consp (car argument))
                                               (cadar argument)
                                             (car argument)))))
                       (if (car value)
                           (list (car argument) (car value))
                         argument)))
                    (t argument)))
            (cl--arguments-proper arglist))))

(defun cl--arguments-variables (arglist)
  "Return the variables that ARGLIST binds, but for those in patterns."
  (let ((names nil))
    (dolist (argument arglist)
      (cond ((memq argument '(&optional &rest &body &key &aux &allow-other-keys)))
            ((symbolp argument) (push argument names))
            ((consp argument)
             (push (if (consp (car argument)) (cadar argument) (car argument))
                   names))))
    names))

;;;; Looking at structures

(defun cl-struct-sequence-type (struct-type)
  "Return `vector', `list' or nil: what structures of STRUCT-TYPE are made of."
  (cl--struct-class-type (cl--struct-get-class struct-type)))

(defun cl-struct-slot-info (struct-type)
  "Return a list of descriptions of the slots of STRUCT-TYPE."
  (let* ((class (cl--struct-get-class struct-type))
         (slots (cl--struct-class-slots class))
         (type (cl--struct-class-type class))
         (table (cl--struct-class-index-table class))
         (position 0)
         (list (if type (and (cl--struct-class-named class) '((cl-tag-slot)))
                 '((cl-tag-slot)))))
    (setq list nil)
    ;; What is between the slots is the tag, the rest is skipped.
    (let ((tag (if (or (null type) (cl--struct-class-named class)) t nil)))
      (mapc (lambda (slot)
              (let ((index (gethash (cl--slot-descriptor-name slot) table))
                    (before nil))
                (while (< position index)
                  (push '(cl-skip-slot) before)
                  (setq position (1+ position)))
                (when (and before tag)
                  (setq before (cons '(cl-tag-slot) (cdr before))
                        tag nil))
                (setq list (append before list))
                (push (append (list (cl--slot-descriptor-name slot)
                                    (cl--slot-descriptor-initform slot))
                              (unless (eq (cl--slot-descriptor-type slot) t)
                                (list :type (cl--slot-descriptor-type slot)))
                              (apply #'append
                                     (mapcar (lambda (pair)
                                               (list (car pair) (cdr pair)))
                                             (cl--slot-descriptor-props slot))))
                      list)
                (setq position (1+ position))))
            slots)
      (when tag
        (push '(cl-tag-slot) list)))
    (nreverse list)))

(defun cl-struct-slot-offset (struct-type slot-name)
  "Return the index of SLOT-NAME in structures of STRUCT-TYPE."
  (or (gethash slot-name
               (cl--struct-class-index-table
                (cl--struct-get-class struct-type)))
      (signal 'cl-struct-unknown-slot (list struct-type slot-name))))

(defun cl-struct-slot-value (struct-type slot-name inst)
  "Return the value of SLOT-NAME in the structure INST of STRUCT-TYPE."
  (declare (gv-setter cl--struct-set-slot-value))
  (unless (cl-typep inst struct-type)
    (signal 'wrong-type-argument (list struct-type inst)))
  (let ((index (cl-struct-slot-offset struct-type slot-name)))
    (if (eq (cl-struct-sequence-type struct-type) 'list)
        (nth index inst)
      (aref inst index))))

(defun cl--struct-set-slot-value (struct-type slot-name inst value)
  "Set SLOT-NAME in the structure INST of STRUCT-TYPE to VALUE."
  (unless (cl-typep inst struct-type)
    (signal 'wrong-type-argument (list struct-type inst)))
  (let ((index (cl-struct-slot-offset struct-type slot-name)))
    (if (eq (cl-struct-sequence-type struct-type) 'list)
        (setcar (nthcdr index inst) value)
      (aset inst index value))))

(defun cl--struct-all-parents (class)
  "Return a list of CLASS and its ancestors, the nearest first."
  (let ((list nil)
        (pending (list class)))
    (while pending
      (let ((next (pop pending)))
        (push next list)
        (setq pending (append pending
                              (copy-sequence (cl--class-parents next))))))
    (nreverse list)))

;;; cl-struct.el ends here
