package store

import (
	"context"
	"strconv"
	"time"

	"github.com/jackc/pgx/v5"

	"relance/internal/campaign"
	"relance/internal/failure"
)

// ActivityKind is what a person has done to a thing.
type ActivityKind string

// What people do.
const (
	DidAdd        ActivityKind = "added"
	DidConnect    ActivityKind = "connected"
	DidFail       ActivityKind = "failed" // a login that was tried, after which the account is in error
	DidRemove     ActivityKind = "removed"
	DidChange     ActivityKind = "changed"
	DidImport     ActivityKind = "imported"
	DidApply      ActivityKind = "applied"
	DidPause      ActivityKind = "paused"
	DidUnpause    ActivityKind = "unpaused"
	DidEnroll     ActivityKind = "enrolled"
	DidResume     ActivityKind = "resumed"
	DidDisenroll  ActivityKind = "disenrolled"
	DidSaySent    ActivityKind = "said_sent"
	DidSayNotSent ActivityKind = "said_not_sent"
	DidSetRate    ActivityKind = "set_rate"
	DidStop       ActivityKind = "stopped"
	DidTest       ActivityKind = "tested"   // a test message has left
	DidAttach     ActivityKind = "attached" // an inbound message to a contact
	DidIgnore     ActivityKind = "ignored"
	DidReclassify ActivityKind = "reclassified" // an inbound message, which the classifier judges otherwise now
	DidRelease    ActivityKind = "released"     // a contact that was held
	DidMove       ActivityKind = "moved"        // contacts, from one sender of a campaign to another
)

// ActivityThing is the kind of what something was done to.
type ActivityThing string

// The things; causes have the same names. The subject of a contact, of a bounce and of
// a suppressed address is the contact's id.
const (
	AnAccount    ActivityThing = "email_account"
	ACampaign    ActivityThing = "campaign"
	AContact     ActivityThing = "contact"
	AUser        ActivityThing = "user"
	ThePlan      ActivityThing = "plan"
	ABounce      ActivityThing = "bounce"
	ABackground  ActivityThing = "background"
	TheWorkspace ActivityThing = "workspace"
	TheCalendar  ActivityThing = "calendar"
	ASuppression ActivityThing = "suppression"
	AnInbound    ActivityThing = "inbound"
)

// Activity is one change that a person has made.
type Activity struct {
	ID      int64         `json:"id"`
	At      time.Time     `json:"at"`
	By      string        `json:"by"`
	Kind    ActivityKind  `json:"kind"`
	Thing   ActivityThing `json:"thing"`
	Subject string        `json:"subject"`
	// Name is the contact's, where the subject is one.
	Name string `json:"name"`
	// Code narrows a request to the contacts in error with it.
	Code failure.Code `json:"code"`
	// Fields are the names of what was changed, never the values.
	Fields []string `json:"fields"`
	// Count is how many contacts it was for: those that go on, are enrolled, imported, ended.
	Count int `json:"count"`
}

// Bounds of what one row names.
const (
	mostFields    = 30
	longestField  = 100
	longestBy     = 500
	longestThings = 500
)

// write keeps it, in the transaction of the change that it speaks of.
func (a Activity) write(ctx context.Context, tx pgx.Tx) error {
	fields := make([]string, min(len(a.Fields), mostFields))
	for i := range fields {
		fields[i] = shortened(a.Fields[i], longestField)
	}
	_, err := tx.Exec(ctx, `INSERT INTO activity (by, kind, thing, subject, code, fields, count) VALUES ($1, $2, $3, $4, $5, $6, $7)`,
		shortened(a.By, longestBy), a.Kind, a.Thing, shortened(a.Subject, longestThings), a.Code, fields, a.Count)
	return err
}

// log keeps who has made a change, unless everything was so already.
func (c *Change) log(ctx context.Context, tx pgx.Tx, by string, kind ActivityKind, thing ActivityThing, subject string) error {
	if len(c.Edits) == 0 {
		return nil
	}
	return Activity{By: by, Kind: kind, Thing: thing, Subject: subject, Fields: fieldNames(c.Edits), Count: c.Resuming}.write(ctx, tx)
}

func fieldNames(edits []Edit) []string {
	var names []string
	for _, edit := range edits {
		names = append(names, edit.Field)
	}
	return names
}

// asActivity is a request as what a person has done: to one contact, to a campaign, or
// to all contacts.
func (r request) asActivity(count int) Activity {
	a := Activity{By: r.say.By, Kind: DidResume, Thing: AContact, Code: r.selection.Code, Count: count}
	switch {
	case r.kind == campaign.OutboxDisenroll:
		a.Kind = DidDisenroll
	case r.say.Assume == campaign.AssumeSent:
		a.Kind = DidSaySent
	case r.say.Assume == campaign.AssumeNotSent:
		a.Kind = DidSayNotSent
	}
	switch {
	case len(r.selection.Contacts) == 1:
		a.Subject = strconv.FormatInt(r.selection.Contacts[0], 10)
	case r.selection.Campaign != "":
		a.Thing, a.Subject = ACampaign, r.selection.Campaign
	}
	return a
}

// shortened is the beginning of a text, in characters.
func shortened(text string, most int) string {
	if len(text) <= most {
		return text
	}
	if characters := []rune(text); len(characters) > most {
		return string(characters[:most-1]) + "…"
	}
	return text
}
