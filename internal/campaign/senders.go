package campaign

import (
	"strings"

	"relance/internal/failure"
	"relance/internal/pace"
)

// Candidate is a sender that may take a contact which nobody has mailed in the campaign,
// with what its line says of the contact.
type Candidate struct {
	EmailAccount
	Turn Turn
}

// Unbound is true of a contact that has no sender of its own yet: nobody has mailed it, and
// its campaign has several senders. The claim of its first email binds it.
func (f Facts) Unbound() bool { return len(f.Candidates) > 0 }

// Choose has the facts of an unbound contact name a sender. Of those that are connected and
// may send now it is the one whose turn the contact has, else they take turns by the
// number of the enrollment: what is chosen is evenly spread and the same at every look. When
// none may send now it is one for which the contact waits, in the line of the campaign;
// when none is connected there is none.
func (f Facts) Choose(enrollmentID int64) Facts {
	var free, later, never []Facts
	for i := range f.Candidates {
		candidate := &f.Candidates[i]
		if candidate.Status != AccountConnected {
			continue
		}
		with := f
		with.Account, with.Turn = &candidate.EmailAccount, candidate.Turn
		switch finding := CheckTurn(with); {
		case finding.Clear() && candidate.Turn.Granted:
			return with
		case finding.Clear():
			free = append(free, with)
		case finding.InError():
			never = append(never, with)
		default:
			later = append(later, with)
		}
	}
	switch {
	case len(free) > 0:
		return free[int(enrollmentID%int64(len(free)))]
	case len(later) > 0:
		return later[0]
	case len(never) > 0:
		return never[0]
	}
	f.Account, f.Turn = nil, Turn{}
	return f
}

// unboundBand is where a contact stands that any of several senders takes: one of them may
// have another order than the others.
func unboundBand(candidates []Candidate) Band {
	for _, candidate := range candidates {
		if candidate.Pace.Order != pace.FIFO {
			return FirstMails
		}
	}
	return FollowUps
}

// NobodySends is the problem of a contact whose campaign has senders of which none can send.
// It names each, so that any of them can be mended.
func NobodySends(facts Facts) *failure.Problem {
	problem := &failure.Problem{Code: failure.EmailAccountDisconnected}
	var names []string
	var removed []failure.Cause
	for _, candidate := range facts.Candidates {
		if candidate.Status == AccountRemoved {
			names = append(names, candidate.Address+" (removed)")
			removed = append(removed, failure.EmailAccount(candidate.Address))
			continue
		}
		problem.Code = failure.EmailAccountInError
		names = append(names, candidate.Address+": "+candidate.Reason)
		problem.Causes = append(problem.Causes, failure.EmailAccount(candidate.Address))
	}
	problem.Causes = append(problem.Causes, removed...)
	problem.Detail = strings.Join(names, "; ")
	if len(names) > 1 {
		problem.Detail = "none of the campaign's senders can send: " + problem.Detail
	}
	problem.Words = failure.Ours(problem.Detail) // of several servers
	problem.Causes = append(problem.Causes, failure.CampaignSender(facts.Campaign.Key))
	return problem
}

// SentByAnother is true of an email that another sender of the campaign has sent, before
// the contact was moved: it is in another mailbox, and a new thread begins.
func (f Facts) SentByAnother(sending Sending) bool {
	return len(f.Campaign.Senders) > 0 && f.Account != nil && sending.Account != "" && sending.Account != f.Account.Address
}
