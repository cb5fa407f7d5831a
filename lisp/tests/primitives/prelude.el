;; What the forms of the tables beside this file call.  -*- lexical-binding: t -*-

(defun circle (n k)
  "A list of 1 to N whose end is element K."
  (let ((list nil) (i n))
    (while (> i 0)
      (setq list (cons i list))
      (setq i (1- i)))
    (setcdr (nthcdr (1- n) list) (nthcdr k list))
    list))
(defun c1 () (circle 1 0))
(defun c3 () (circle 3 0))
(defun c5 () (circle 5 2))
(defun nest (n)
  "N lists, each the only element of the next."
  (let ((list nil))
    (while (> n 0)
      (setq list (list list))
      (setq n (1- n)))
    list))

(defun result-of (text)
  "What reading and evaluating TEXT gives, printed."
  (let ((print-circle t))
    (prin1-to-string
     (condition-case error
         (eval (car (read-from-string text)) t)
       (error (cons 'ERR error))))))
