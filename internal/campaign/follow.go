package campaign

import "time"

// slack is how much too early an enrollment may come from its wait: its timer is Temporal's,
// and what is waited for is reckoned by PostgreSQL's clock.
const slack = 5 * time.Second

// Coming says what comes next for the attempt's enrollment, in the campaign as it is now, and
// whether that is the attempt's own step, and due. At is when it is due.
func (f Facts) Coming(attempt Attempt) (next Next, isThis bool) {
	next, isThis = f.coming(attempt)
	return f.inRound(next), isThis
}

// inRound has a message of a later round begin above the visits of those before.
func (f Facts) inRound(next Next) Next {
	if f.VisitBase > 0 && !next.Completed {
		next.Visit = f.VisitBase + 1
	}
	return next
}

func (f Facts) coming(attempt Attempt) (next Next, isThis bool) {
	if f.Status == Completed {
		return Next{Completed: true, Version: f.Campaign.Version}, false
	}
	ahead := f.Campaign.Path().Ahead(f.Had)
	next = ahead.Next(attempt.StepIndex, f.Campaign.Version)
	if look, must := f.mustLook(attempt, next); must {
		return look, false
	}
	if next.Completed {
		return next, false
	}
	next.At = f.Due(ahead)
	due := !next.At.After(f.Now.Add(slack))
	if due { // what has waited for long enough does not wait again
		at := next.At
		next = ahead.message(attempt.StepIndex, f.Campaign.Version)
		next.At = at
	}
	isThis = due && next.StepID == attempt.StepID && next.Kind == attempt.Kind
	if isThis && f.StepIndex > attempt.StepIndex {
		// An attempt whose answer was lost has had the row go on, to a step that has been removed since. A
		// claim from here would be refused as stale, again and again: the way goes on from there.
		return Next{StepID: f.StepID, StepIndex: f.StepIndex, Kind: attempt.Kind}, false
	}
	return next, isThis
}

// After says what comes once the attempt's step is done. It replaces what the attempt was
// given: that of an enrollment which does not follow stays.
func (f Facts) After(attempt Attempt) Next {
	if !attempt.Follows {
		next := attempt.Next
		next.At = f.NextAt(attempt)
		return next
	}
	if f.Status == Completed {
		return Next{Completed: true, Version: f.Campaign.Version}
	}
	had := f.Had
	if f.Delivery == nil || f.Delivery.State != Sent {
		had = append(had[:len(had):len(had)], Sending{StepID: attempt.StepID, At: f.Now, WireAt: f.Now, Due: attempt.Due})
	}
	ahead := f.Campaign.Path().Ahead(had)
	next := ahead.Next(attempt.StepIndex, f.Campaign.Version)
	if next.WaitStep != "" && (ahead.OfDates() || len(had) == len(f.Had)) {
		next.At = f.Due(ahead)
	}
	if look, must := f.mustLook(attempt, next); must {
		return f.inRound(look)
	}
	return f.inRound(next)
}

// mustLook is true when an attempt whose answer was lost has had the row go on, and the campaign
// was edited since: what is next by now is to wait, or nothing, and the row does not say so. Nobody
// would signal the enrollment of the next edit. Or the row has gone on further than to what is next, as that of one
// who was taken on: a claim from there would be refused as stale, again and again. It is to look at where its row
// stands: no campaign has version 0.
func (f Facts) mustLook(attempt Attempt, next Next) (look Next, must bool) {
	if f.StepIndex <= attempt.StepIndex || f.Status.Ended() {
		return Next{}, false
	}
	waits := f.Status == Waiting && f.StepID == next.WaitStep
	return Next{StepID: f.StepID, StepIndex: f.StepIndex, Kind: attempt.Kind}, next.Completed || f.StepIndex > next.StepIndex || next.WaitStep != "" && !waits
}

// message is Next without the waits.
func (a Ahead) message(index, version int) Next {
	a.Waits = nil
	return a.Next(index, version)
}

// Due is when what comes next is due.
func (f Facts) Due(ahead Ahead) time.Time {
	hours, err := f.Campaign.Window.Hours(f.Calendar, f.Zone())
	if err != nil {
		ahead.Waits = roughly(ahead.Waits)
	}
	return ahead.At(f.Began, hours)
}

// roughly takes waits by the clock: the campaign's rules have no dates, which the check of
// its window says.
func roughly(waits []PathStep) []PathStep {
	var rough []PathStep
	for _, step := range waits {
		step.Wait, step.Days, step.SendingDays = step.Waits().Roughly(), 0, 0
		rough = append(rough, step)
	}
	return rough
}
