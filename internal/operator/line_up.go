package operator

import (
	"slices"
	"time"

	"relance/internal/campaign"
	"relance/internal/pace"
	"relance/internal/store"
)

// lineUp is a store.LineView, ready to be walked.
type lineUp struct {
	store.LineView
	line    pace.Line
	senders []pace.Sender
	// of are what the line's Campaigns are: each in each zone in which its contacts are
	// mailed, so that a wait of dates is counted in theirs.
	of []campaignIn
	// apart is where those stand in the line that stand alone, by enrollment.
	apart map[int64]int
	// paused are those of a campaign that is paused: they are in no walk.
	paused map[string]int
	// in and hours are where a campaign's zone, and its hours, stand in the line.
	in map[campaignIn]campaignAt
	// pool is where the senders of a campaign that has several stand in the line's Pools.
	pool  map[string]int
	hours map[hoursKey]int
}

// campaignAt is the index of a campaign in one zone, and of the hours in which it is mailed.
type campaignAt struct{ campaign, window int }

type campaignIn struct{ key, zone string }

// hoursKey tells hours apart that differ.
type hoursKey struct {
	windows, zone  string
	ignoreHolidays bool
}

// lineUpOf makes it. The error names a zone that is unknown.
func lineUpOf(view store.LineView) (*lineUp, error) {
	l := &lineUp{LineView: view, apart: map[int64]int{}, paused: map[string]int{}, in: map[campaignIn]campaignAt{}, pool: map[string]int{}, hours: map[hoursKey]int{}}
	for _, sender := range view.Senders {
		account, err := sender.Pace.Account(view.Calendar)
		if err != nil {
			return nil, err
		}
		one := pace.Sender{
			Account: account, Address: sender.Address, Spent: sender.Spent, Seq: sender.Seq,
			InError: sender.Status != campaign.AccountConnected,
		}
		if sender.RestingUntil != nil {
			one.Rests = *sender.RestingUntil
		}
		l.senders = append(l.senders, one)
	}
	l.pools()
	for _, cohort := range view.Cohorts {
		if err := l.stand(cohort); err != nil {
			return nil, err
		}
	}
	return l, nil
}

// stand puts a cohort into the line.
func (l *lineUp) stand(cohort store.LineCohort) error {
	of, sender, pool := l.campaign(cohort.Campaign), l.sender(cohort.Account), 0
	if of != nil && cohort.Unbound {
		sender, pool = pace.Unbound, l.pool[of.Key]
	}
	if of == nil || sender < 0 && !cohort.Unbound {
		return nil
	}
	mail, due := nextMail(of.Steps, cohort.StepID, cohort.StepIndex)
	switch {
	case mail < 0: // no email is left for them
		return nil
	case of.Paused:
		l.paused[of.Key] += cohort.Count
		return nil
	case cohort.State == "claimed": // it is leaving: what it takes of the account is as good as spent
		one := &l.senders[sender]
		next := one.Spent.Next
		one.Seq++
		one.Spent = one.Account.After(one.Spent, l.Now, one.Address, one.Seq)
		one.Spent.Next = next
		return nil
	}
	if cohort.Enrollment != 0 && cohort.Seq == 0 && of.Window.InRecipientZone() {
		cohort.Zone = pace.RecipientOf(l.Contact.Fields, l.Contact.Phone, l.Contact.Email, l.Now).Zone
	}
	in, err := l.inZone(of, cohort.Zone)
	if err != nil {
		return err
	}
	waiting := pace.Waiting{
		Sender: sender, Pool: pool, Window: in.window, Campaign: in.campaign, Step: mail, Band: l.band(of, cohort, mail), Seq: cohort.Seq, Count: cohort.Count,
	}
	if cohort.NotBefore != nil {
		waiting.NotBefore = cohort.NotBefore.Add(due)
	} else if due > 0 {
		waiting.NotBefore = l.Now.Add(due)
	}
	if held := l.heldUntil(cohort.Enrollment); held.After(waiting.NotBefore) {
		waiting.NotBefore = held
	}
	switch {
	case mail > 0 && cohort.Since != nil:
		waiting.Due = *cohort.Since
	case mail > 0:
		waiting.Due = waiting.NotBefore
	}
	if cohort.Enrollment != 0 {
		l.apart[cohort.Enrollment] = len(l.line.Waiting)
	}
	l.line.Waiting = append(l.line.Waiting, waiting)
	return nil
}

// heldUntil is until when the person of an enrollment that stands alone is held; zero for nobody.
func (l *lineUp) heldUntil(enrollment int64) time.Time {
	at := slices.IndexFunc(l.Enrollments, func(e store.LineEnrollment) bool { return e.ID == enrollment })
	if at < 0 || l.Enrollments[at].HeldUntil == nil {
		return time.Time{}
	}
	return *l.Enrollments[at].HeldUntil
}

// band is where they stand, or will: who has the turn is before all others.
func (l *lineUp) band(of *campaign.Campaign, cohort store.LineCohort, mail int) int {
	switch {
	case cohort.State == "granted":
		return 0
	case cohort.Band > 0:
		return cohort.Band
	case mail > 0, !cohort.Unbound && l.fifo(cohort.Account), cohort.Unbound && !slices.ContainsFunc(of.Senders, func(address string) bool { return !l.fifo(address) }):
		return int(campaign.FollowUps)
	}
	return int(campaign.FirstMails)
}

// fifo is true of a sender that serves first who came first.
func (l *lineUp) fifo(address string) bool {
	at := l.sender(address)
	return at >= 0 && l.Senders[at].Pace.Order == pace.FIFO
}

// pools are the senders of each campaign that has several; none is a pool of its own, of
// nobody.
func (l *lineUp) pools() {
	l.line.Pools = [][]int{{}}
	for _, of := range l.Campaigns {
		if len(of.Senders) == 0 {
			continue
		}
		l.pool[of.Key] = len(l.line.Pools)
		var members []int
		for _, address := range of.Senders {
			if at := l.sender(address); at >= 0 {
				members = append(members, at)
			}
		}
		l.line.Pools = append(l.line.Pools, members)
	}
}

// inZone is where a campaign stands in the line in one zone, also when it did not yet.
func (l *lineUp) inZone(of *campaign.Campaign, zone string) (campaignAt, error) {
	if !of.Window.InRecipientZone() {
		zone = ""
	}
	key := campaignIn{of.Key, zone}
	if at, known := l.in[key]; known {
		return at, nil
	}
	hours, err := of.Window.Hours(l.Calendar, zone)
	if err != nil {
		return campaignAt{}, err
	}
	distinct := hoursKey{pace.WindowsText(hours.Windows), hours.Zone.String(), of.Window.IgnoreHolidays}
	window, known := l.hours[distinct]
	if !known {
		window = len(l.line.Windows)
		l.hours[distinct], l.line.Windows = window, append(l.line.Windows, hours)
	}
	at := campaignAt{len(l.of), window}
	l.in[key], l.of, l.line.Campaigns = at, append(l.of, key), append(l.line.Campaigns, mailsOf(of, hours, l.Passed))
	return at, nil
}

func (l *lineUp) campaign(key string) *campaign.Campaign {
	at := slices.IndexFunc(l.Campaigns, func(of campaign.Campaign) bool { return of.Key == key })
	if at < 0 {
		return nil
	}
	return &l.Campaigns[at]
}

func (l *lineUp) sender(address string) int {
	return slices.IndexFunc(l.Senders, func(sender store.LineSender) bool { return sender.Address == address })
}

// nextMail is the number of the email that comes next, from 0, for who stands at a step, and
// how long after what is waited for at that step; -1 when none does. A step that was taken
// out of the campaign is known by where it was.
func nextMail(steps []campaign.Step, stepID string, index int) (mail int, after time.Duration) {
	if at := slices.IndexFunc(steps, func(step campaign.Step) bool { return step.ID == stepID }); at >= 0 {
		index = at
	}
	for i, step := range steps {
		switch {
		case step.Kind == campaign.Email && i >= index:
			return mail, after
		case step.Kind == campaign.Email:
			mail++
		case i > index:
			after += step.Waits().Roughly()
		}
	}
	return -1, 0
}

// mailsOf are the emails of a campaign: when each is due after the one before it, and how
// many of those who had that one leave before it. Who still waits for it may stay.
func mailsOf(of *campaign.Campaign, hours pace.Hours, passed []store.StepPassed) []pace.Step {
	var mails []pace.Step
	var waits []pace.Wait
	var left, stay int
	for _, step := range of.Steps {
		var here store.StepPassed
		if at := slices.IndexFunc(passed, func(one store.StepPassed) bool { return one.Campaign == of.Key && one.StepID == step.ID }); at >= 0 {
			here = passed[at]
		}
		left, stay = left+here.Disenrolled, stay+here.Standing
		switch step.Kind {
		case campaign.Wait:
			waits = append(waits, step.Waits())
		case campaign.Email:
			mail := pace.Step{Due: dueAfter(waits, hours)}
			if all := left + stay + here.Sent; len(mails) > 0 && all >= fewPassed {
				mail.Lost = float64(left) / float64(all)
			}
			mails, waits, left, stay = append(mails, mail), nil, 0, 0
		case campaign.SMS:
		}
	}
	return mails
}

// fewPassed is up to how many say nothing of a rate.
const fewPassed = 20

// dueAfter counts as a worker does: the first wait from the mail, in its zone, and what
// follows another wait by the clock.
func dueAfter(waits []pace.Wait, hours pace.Hours) func(due, left time.Time) time.Time {
	return func(due, left time.Time) time.Time {
		at := left
		for i, wait := range waits {
			after := at.Add(wait.Roughly())
			if i == 0 {
				if counted, err := wait.After(left, due, hours); err == nil {
					after = counted
				}
			}
			at = after
		}
		return at
	}
}
