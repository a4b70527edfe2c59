package main

import "fmt"

// text is what is printed of law 8; nothing without a sender that has a pace.
func (p pacing) text() string {
	if p.Gaps == 0 {
		return ""
	}
	return fmt.Sprintf("pace: %d gaps, the shortest %.2f s (%d mails came after one that was held up behind its gate); %d edits of paces and windows, %d mails on days with a limit, %d in hours and windows that ended or began\n",
		p.Gaps, p.Shortest, p.HeldUp, p.Edits, p.Limited, p.Timed) +
		fmt.Sprintf("order: %d first mails left while follow-ups waited, of %d when nothing interfered\n", p.Overtaken, p.Ordered)
}

// text is what is printed of law 9; nothing without answers.
func (h hearing) text() string {
	if len(h.Answers) == 0 {
		return ""
	}
	return listed("answers", h.Answers) + listed("what is to follow has followed", h.Followed) +
		fmt.Sprintf("%d looks, %d of them beside another one; %d enrollments were over before; %d silent contacts had everything\n", h.Looks, h.TwoReaders, h.TooLate, h.Silent) +
		fmt.Sprintf("mails after a seen answer: %d (%d were at their gates then); contacts wrongly ended: %d\n", h.Mailed, h.AtGates, h.WronglyEnded)
}
