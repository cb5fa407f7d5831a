;;; thunk.el --- Values computed when they are needed  -*- lexical-binding: t -*-

;; SPDX-License-Identifier: MIT OR Apache-2.0

;;; Code:

(require 'macroexp)

(defmacro thunk-delay (&rest body)
  "Return a thunk whose value is that of BODY, done once when it is forced."
  (declare (debug (def-body)))
  (let ((forced (make-symbol "forced"))
        (value (make-symbol "val")))
    `(let (,forced ,value)
       (lambda (&optional check)
         (if check
             ,forced
           (unless ,forced
             (setf ,value (progn ,@body))
             (setf ,forced t))
           ,value)))))

(defun thunk-force (delayed)
  "Return the value of the thunk DELAYED."
  (funcall delayed))

(defun thunk-evaluated-p (delayed)
  "Return non-nil if the value of the thunk DELAYED was computed."
  (funcall delayed t))

(defmacro thunk-let (bindings &rest body)
  "Do BODY with the variables of BINDINGS, whose values are computed when used."
  (declare (indent 1))
  (let ((thunks (mapcar (lambda (binding)
                          (if (symbolp binding)
                              (list binding nil (make-symbol
                                                 (symbol-name binding)))
                            (list (car binding) (cadr binding)
                                  (make-symbol (symbol-name (car binding))))))
                        bindings)))
    `(let ,(mapcar (lambda (thunk)
                     (list (nth 2 thunk) `(thunk-delay ,(nth 1 thunk))))
                   thunks)
       (cl-symbol-macrolet
           ,(mapcar (lambda (thunk)
                      (list (nth 0 thunk) `(thunk-force ,(nth 2 thunk))))
                    thunks)
         ,@body))))

(defmacro thunk-let* (bindings &rest body)
  "Like `thunk-let', with bindings that see those before them."
  (declare (indent 1))
  (let ((form (macroexp-progn body)))
    (dolist (binding (reverse bindings))
      (setq form `(thunk-let (,binding) ,form)))
    form))

(require 'cl-lib)
(provide 'thunk)

;;; thunk.el ends here
