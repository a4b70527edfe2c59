package operator

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"regexp"
	"slices"
	"strings"

	"relance/internal/failure"
	"relance/internal/store"
)

// Alike are contacts in error with the same words of a server, apart from the numbers
// and names in them.
type Alike struct {
	// Key names the group in a form.
	Key string
	// Detail and Words are those of its oldest contact; Words is nil where nobody knows
	// whose words the detail has.
	Detail string
	Words  *failure.Words
	Count  int
	// Seen is for ResumeAlike: the latest park that is counted.
	Seen int64
}

// alikeRead is how many contacts are read to group them by words, which the tally
// does not count.
const alikeRead = 250

type alikeContacts struct {
	groups []Alike
	rows   []store.ErrorRow
}

// alike groups the oldest contacts of SendingFailed by the server's words.
func (o *Operator) alike(ctx context.Context, cause failure.Cause) (alikeContacts, error) {
	db, err := o.database(ctx)
	if err != nil {
		return alikeContacts{}, err
	}
	rows, err := db.RepairContacts(ctx, Part{Code: failure.SendingFailed, Cause: string(cause)}, Mark{}, alikeRead)
	read := alikeContacts{rows: rows}
	at := map[string]int{}
	for _, row := range rows {
		key := wordsKey(row.Problem.Detail) // of all words: those of a release before are not apart
		i, known := at[key]
		if !known {
			i, at[key] = len(read.groups), len(read.groups)
			read.groups = append(read.groups, Alike{Key: key, Detail: row.Problem.Detail, Words: row.Problem.Words})
		}
		read.groups[i].Count++
		read.groups[i].Seen = max(read.groups[i].Seen, row.Seq)
	}
	slices.SortStableFunc(read.groups, func(a, b Alike) int { return b.Count - a.Count })
	return read, err
}

// ResumeAlike has the contacts try again that are in error with the same words of a
// server, among the oldest: those whose park was seen. A Stale when there is none (any
// more).
func (o *Operator) ResumeAlike(ctx context.Context, cause failure.Cause, key string, seen int64, say Resume, how How) (Requested, error) {
	read, err := o.alike(ctx, cause)
	if err != nil {
		return Requested{}, err
	}
	byCampaign := map[string][]int64{}
	for _, row := range read.rows {
		if row.Seq <= seen && wordsKey(row.Problem.Detail) == key {
			byCampaign[row.Campaign] = append(byCampaign[row.Campaign], row.Contact.ID)
		}
	}
	if len(byCampaign) == 0 {
		return Requested{}, &Stale{Text: "nobody is in error with these words any more, or all of them have tried again since"}
	}
	total := Requested{ByCode: map[failure.Code]int{}, ByCampaign: map[string]int{}}
	var refused error
	for campaignKey, contacts := range byCampaign {
		slices.Sort(contacts)
		one, err := o.Seeing(seen).Resume(ctx, Selection{Campaign: campaignKey, Code: failure.SendingFailed, Contacts: contacts}, say, how)
		if err != nil && !errors.Is(err, ErrRefused) {
			return total, err
		}
		if err != nil {
			refused = err
			continue
		}
		total.add(one)
	}
	if total.Requested == 0 {
		return total, refused
	}
	return total, nil
}

func (r *Requested) add(other Requested) {
	r.Requested += other.Requested
	r.Ended += other.Ended
	for code, n := range other.ByCode {
		r.ByCode[code] += n
	}
	for key, n := range other.ByCampaign {
		r.ByCampaign[key] += n
	}
	if other.Delayed != nil {
		r.Delayed = other.Delayed
	}
}

// leadingCodes are an SMTP reply's code and its enhanced status code (RFC 3463).
var leadingCodes = regexp.MustCompile(`^[245]\d\d(?:[ -][245]\.\d{1,3}\.\d{1,3})?`)

// quoted is a name or an id that a server repeats.
var quoted = regexp.MustCompile(`"[^"]*"|“[^”]*”|<[^>]*>|\[[^\]]*\]|(?:^|\s)'[^']*'`)

// wordsKey is the same for words that differ in numbers, addresses and ids only.
func wordsKey(words string) string {
	codes := leadingCodes.FindString(words)
	kept := []string{codes}
	for _, word := range strings.Fields(quoted.ReplaceAllString(words[len(codes):], " … ")) {
		if strings.ContainsAny(word, "0123456789@") {
			word = "…"
		}
		kept = append(kept, strings.ToLower(word))
	}
	sum := sha256.Sum256([]byte(strings.Join(kept, " ")))
	return hex.EncodeToString(sum[:8])
}
