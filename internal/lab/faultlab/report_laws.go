package main

import "fmt"

// text is what is printed of law 9; nothing without answers.
func (h hearing) text() string {
	if len(h.Answers) == 0 {
		return ""
	}
	return listed("answers", h.Answers) + listed("what is to follow has followed", h.Followed) +
		fmt.Sprintf("%d looks, %d of them beside another one; %d enrollments were over before; %d silent contacts had everything\n", h.Looks, h.TwoReaders, h.TooLate, h.Silent) +
		fmt.Sprintf("mails after a seen answer: %d (%d were at their gates then); contacts wrongly ended: %d\n", h.Mailed, h.AtGates, h.WronglyEnded)
}
