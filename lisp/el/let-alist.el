;;; let-alist.el --- Variables for the values of an alist  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(defun let-alist--names (form)
  "Return the symbols in FORM whose names begin with a dot.
Of a `let-alist' in it only the alist counts."
  (cond
   ((symbolp form)
    (let ((name (symbol-name form)))
      (and (> (length name) 1)
           (eq (aref name 0) ?.)
           (list form))))
   ((vectorp form)
    (apply #'nconc (mapcar #'let-alist--names form)))
   ((not (consp form)) nil)
   ((eq (car form) 'let-alist)
    (let-alist--names (car (cdr form))))
   (t (append (let-alist--names (car form))
              (let-alist--names (cdr form))))))

(defun let-alist--access (name alist)
  "Return a form for what NAME, without a dot before it, has in ALIST.
Each dot in NAME goes a level down."
  (let ((result alist))
    (dolist (part (split-string name "\\."))
      (setq result
            `(cdr (assq ',(if (equal part "") '\. (intern part)) ,result))))
    result))

;;;###autoload
(defmacro let-alist (alist &rest body)
  "Evaluate BODY with .KEY bound to the value of KEY in ALIST.
.KEY.INNER is what INNER has in that."
  (declare (indent 1) (debug t))
  (let ((var (make-symbol "alist")))
    `(let ((,var ,alist))
       (let ,(mapcar (lambda (symbol)
                       (list symbol
                             (let-alist--access
                              (substring (symbol-name symbol) 1) var)))
                     (delete-dups (let-alist--names body)))
         ,@body))))

(provide 'let-alist)

;;; let-alist.el ends here
