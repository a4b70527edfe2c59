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
	// of are what the line's Campaigns are, by key: each as often as there are hours in which its
	// contacts are mailed, so that a wait of dates is counted in their zone.
	of []string
	// apart is where those stand in the line that stand alone, by enrollment; together is where
	// the others do that only wait.
	apart    map[int64]int
	together map[together]int
	// paused are those of a campaign that is paused: they are in no walk.
	paused map[string]int
	// zoneUnknown are those of a campaign that are reckoned in the workspace's zone, and will be sent in theirs.
	zoneUnknown map[string]int
	// windows and campaigns are where hours, and a campaign in them, stand in the line; pool is
	// where the senders of a campaign that has several do.
	windows   map[hoursKey]int
	campaigns map[campaignIn]int
	pool      map[string]int
	// leaving are how many of each sender have left the line with their turn, and are being sent.
	leaving map[int]int
}

// campaignIn is a campaign in one of the line's Windows.
type campaignIn struct {
	key    string
	window int
}

// hoursKey tells hours apart that differ.
type hoursKey struct {
	windows, zone  string
	ignoreHolidays bool
}

// together are those who are no different in a walk but by their places.
type together struct{ sender, pool, window, campaign, step, band int }

// lineUpOf makes it. The error names a zone that is unknown.
func lineUpOf(view store.LineView) (*lineUp, error) {
	l := &lineUp{
		LineView: view, apart: map[int64]int{}, together: map[together]int{}, paused: map[string]int{}, zoneUnknown: map[string]int{},
		windows: map[hoursKey]int{}, campaigns: map[campaignIn]int{}, pool: map[string]int{}, leaving: map[int]int{},
	}
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
	for i := range l.line.Waiting {
		l.line.Waiting[i].Sort()
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
	mail, due := l.nextMail(of, cohort)
	switch {
	case mail < 0: // no email is left for them
		return nil
	case of.Paused:
		l.paused[of.Key] += cohort.Count
		return nil
	case cohort.State == "claimed": // it is leaving: what it takes of the account is as good as spent
		one := &l.senders[sender]
		l.leaving[sender]++
		next := one.Spent.Next
		one.Seq++
		one.Spent = one.Account.After(one.Spent, l.Now, one.Address, one.Seq)
		one.Spent.Next = next
		return nil
	}
	switch {
	case len(cohort.Seqs) > 0 || !of.Window.InRecipientZone():
	case cohort.Enrollment != 0:
		cohort.Zone = pace.RecipientOf(l.Contact.Fields, l.Contact.Phone, l.Contact.Email, l.Now).Zone
	default:
		l.zoneUnknown[of.Key] += cohort.Count
	}
	window, number, err := l.inZone(of, cohort.Zone)
	if err != nil {
		return err
	}
	waiting := pace.Waiting{
		Sender: sender, Pool: pool, Window: window, Campaign: number, Step: mail, Band: l.band(of, cohort, mail), Seqs: cohort.Seqs, Count: cohort.Count,
	}
	if cohort.NotBefore != nil {
		waiting.NotBefore = cohort.NotBefore.Add(due)
	} else if due > 0 {
		waiting.NotBefore = l.Now.Add(due)
	}
	if held := l.heldUntil(cohort.Enrollment); held.After(waiting.NotBefore) {
		waiting.NotBefore = held
	}
	if cohort.Enrollment == 0 {
		for _, from := range cohort.Froms {
			waiting.Froms = append(waiting.Froms, from.Add(due))
		}
	}
	switch {
	case mail > 0 && len(cohort.Sinces) == len(cohort.Seqs) && len(cohort.Seqs) > 0:
		waiting.Dues = cohort.Sinces
	case mail > 0 && cohort.Since != nil:
		waiting.Due = *cohort.Since
	case mail > 0 && len(waiting.Froms) > 0:
		waiting.Dues = waiting.Froms
	case mail > 0:
		waiting.Due = waiting.NotBefore
	}
	l.add(waiting, cohort)
	return nil
}

// add has those stand alone that stand apart, or are still to come, and the others together.
func (l *lineUp) add(waiting pace.Waiting, cohort store.LineCohort) {
	alike := together{waiting.Sender, waiting.Pool, waiting.Window, waiting.Campaign, waiting.Step, waiting.Band}
	at, known := l.together[alike]
	switch {
	case cohort.Enrollment != 0:
		l.apart[cohort.Enrollment] = len(l.line.Waiting)
	case len(waiting.Seqs) == 0 || !waiting.NotBefore.IsZero() || !waiting.Due.IsZero():
	case known:
		all := &l.line.Waiting[at]
		all.Seqs, all.Dues, all.Count = slices.Concat(all.Seqs, waiting.Seqs), slices.Concat(all.Dues, waiting.Dues), all.Count+waiting.Count
		return
	default:
		l.together[alike] = len(l.line.Waiting)
	}
	l.line.Waiting = append(l.line.Waiting, waiting)
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
		return pace.Granted
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

// inZone is where a campaign's hours in one zone, and it in them, stand in the line, also when
// they did not yet.
func (l *lineUp) inZone(of *campaign.Campaign, zone string) (window, number int, err error) {
	hours, err := of.Window.Hours(l.Calendar, zone)
	if err != nil {
		return 0, 0, err
	}
	window = l.window(hours, of.Window.IgnoreHolidays)
	in := campaignIn{of.Key, window}
	number, known := l.campaigns[in]
	if !known {
		number = len(l.of)
		l.campaigns[in], l.of, l.line.Campaigns = number, append(l.of, of.Key), append(l.line.Campaigns, mailsOf(of, hours, l.Passed))
		l.line.Same = append(l.line.Same, slices.Index(l.of, of.Key))
		for i := range l.senders { // a campaign's turns are those of the first of its hours
			l.senders[i].Turns = append(l.senders[i].Turns, l.Senders[i].Turns[of.Key])
		}
	}
	return window, number, nil
}

// window is where hours stand in the line, or others that are as good.
func (l *lineUp) window(hours pace.Hours, ignoreHolidays bool) int {
	distinct := hoursKey{pace.WindowsText(hours.Windows), hours.Zone.String(), ignoreHolidays}
	at, known := l.windows[distinct]
	if known {
		return at
	}
	if at = slices.IndexFunc(l.line.Windows, func(other pace.Hours) bool { return hours.Alike(other, l.Now) }); at < 0 {
		at, l.line.Windows = len(l.line.Windows), append(l.line.Windows, hours)
	}
	l.windows[distinct] = at
	return at
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
	if len(waits) == 0 {
		return func(_, left time.Time) time.Time { return left }
	}
	var rest time.Duration
	for _, wait := range waits[1:] {
		rest += wait.Roughly()
	}
	counted := waits[0].In(hours)
	return func(due, left time.Time) time.Time {
		at, err := counted(left, due)
		if err != nil {
			at = left.Add(waits[0].Roughly())
		}
		return at.Add(rest)
	}
}
